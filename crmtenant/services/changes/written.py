"""What a transaction did to a row, as the log will say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from crmtenant.services.entities.entity_type import EntityType

CREATED, CHANGED, MOVED, REMOVED, RESTORED = "created", "changed", "moved", "removed", "restored"
"""`moved`: only the row's place among others is another one, which nobody wants to read; its version is."""

MOST_BYTES = 64 * 1024
"""Of a larger value only its SHA-256 is kept."""

PURGED, ERASED = "purged", "erased"
"""The last thing the log says of a row: it was deleted for good, by itself or with everything that was known of it."""

_NOT_TOLD = frozenset(
    ("id", "position", "created_at", "updated_at", "created_by", "updated_by", "version", "deleted_at", "deleted_by")
)  # fmt: skip
_LEAST_TELLING = (MOVED, CHANGED)

Fields = Mapping[str, tuple[Any, Any]]
"""What each field was, and what it is."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one row. `is_new_version`: whether its version was counted up; otherwise it is not logged.

    `subject` are the noun and the id of what the row is on. `given` are, of a new row, the fields that concern people.
    `untold` are fields that nobody sees, as they were: an undo of the batch puts them back too.
    """

    entity: EntityType
    row_id: int
    version: int
    verb: str
    by: str
    contact_ids: tuple[int, ...] = ()
    project_id: int | None = None
    audience: str | None = None
    fields: Fields = ()  # type: ignore[assignment]  # no fields, and cheaper than a dict for each of many rows
    is_new_version: bool = True
    subject: tuple[str, int] | None = None
    given: Mapping[str, Any] = ()  # type: ignore[assignment]
    untold: tuple[tuple[str, Any], ...] = ()

    def then(self, later: Written) -> Written:
        """Return what was done to the row in all, where it was written once more."""
        fields = dict(self.fields)
        for name, (old, new) in dict(later.fields).items():
            first = fields[name][0] if name in fields else old
            fields[name] = (first, new)
        told = {name: pair for name, pair in fields.items() if pair[0] != pair[1]}
        is_new_version = self.is_new_version or later.is_new_version
        return replace(
            later,
            verb=_telling(self.verb, later.verb),
            fields=told,
            is_new_version=is_new_version,
            given=self.given,
            untold=(*later.untold, *self.untold),
        )

    @property
    def before(self) -> dict[str, Any]:
        """Return what the changed fields were, all of it however large."""
        if self.verb == CREATED:
            return {}
        return {**{name: old for name, (old, _) in dict(self.fields).items()}, **dict(self.untold)}

    def as_row(self, number: int) -> dict[str, Any]:
        """Return the columns of the log."""
        changes = (
            {}
            if self.verb == CREATED
            else {name: list(map(kept, two)) for name, two in dict(self.fields).items()}
        )
        return {
            "number": number,
            "by": self.by,
            "noun": self.entity.name,
            "row_id": self.row_id,
            "version": self.version,
            "verb": self.verb,
            "changes": changes,
            "contact_ids": self.contact_ids,
            "project_id": self.project_id,
            "audience": self.audience,
        }


def written(entity: EntityType, row: Any, verb: str, by: str, fields: Fields | None = None) -> Written:
    """Return what was done to the row, which has its `id`, its `version` and the columns of `entity.about`."""
    about = entity.about
    told = about.told(fields or {})
    return Written(
        entity,
        row.id,
        row.version,
        verb_of(entity, verb, told),
        by,
        about.contacts_of(row),
        about.project_of(row),
        about.audience_of(row),
        told or (),  # type: ignore[arg-type]
        subject=about.subject_of(row),
        given=_concerning(entity, row) if verb == CREATED else (),  # type: ignore[arg-type]
    )


def _concerning(entity: EntityType, row: Any) -> Mapping[str, Any]:
    """Return the fields of a new row that concern people, if they have a value."""
    names = entity.columns_concerning_people
    return {name: value for name in names if (value := getattr(row, name, None))}


def verb_of(entity: EntityType, verb: str, fields: Fields) -> str:
    """Return the noun's own word for the change, if it has one."""
    if verb != CHANGED:
        return verb
    for own, (name, value) in entity.change_verbs.items():
        if name in fields and fields[name][1] == value:
            return own
    return verb


@lru_cache(maxsize=256)
def logged_fields(entity: EntityType) -> frozenset[str]:
    """Return the JSON fields whose values the log tells: columns of the table that people fill in."""
    in_table = frozenset(name for name in entity.columns if name in entity.table.c)
    return in_table - _NOT_TOLD - entity.about.derived


def differing(entity: EntityType, before: Mapping[str, Any], after: Mapping[str, Any]) -> Fields:
    """Return the logged fields that differ between two rows of all columns."""
    names: Iterable[str] = (name for name in entity.columns if name in logged_fields(entity))
    return {name: (before[name], after[name]) for name in names if before[name] != after[name]}


def kept(value: Any) -> Any:
    """Return the value as the log keeps it."""
    if not isinstance(value, str | list | dict):
        return value
    text = value.encode() if isinstance(value, str) else orjson.dumps(value)
    return value if len(text) <= MOST_BYTES else {"sha256": sha256(text).hexdigest()}


def _telling(earlier: str, later: str) -> str:
    if earlier == CREATED or later == MOVED:
        return earlier
    if later == CHANGED and earlier not in _LEAST_TELLING:
        return earlier
    return later
