"""What follows, for people, from what a transaction wrote: whom it names, and what nobody needs to be told any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crmtenant.services.changes.written import CREATED, MOVED, REMOVED, RESTORED, Written
from crmtenant.services.entities.entity_type import watched_entities
from crmtenant.text.mentions import mentioned

MENTIONED, REPLIED, ASSIGNED, WATCHED, DUE = "mentioned", "replied", "assigned", "watched", "due"
TELLING = (MENTIONED, REPLIED, ASSIGNED, WATCHED)
"""The kinds of acts; who is concerned in several ways is told the first."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to, or written on, the row of a watched noun.

    `named` are those it names, by kind. `is_watched`: whether those who watch the row are told too. `comment_by` is who
    wrote on it, and watches it from now on.
    """

    noun: str
    row_id: int
    by: str
    named: tuple[tuple[str, str], ...] = ()
    is_watched: bool = False
    entry_id: int | None = None
    parent_id: int | None = None
    entry_noun: str | None = None

    @property
    def tells_anybody(self) -> bool:
        """Whether there may be somebody to tell."""
        return self.is_watched or any(person != self.by for person, _ in self.named)

    def as_row(self, number: int) -> dict[str, Any]:
        """Return the act as the statement takes it."""
        named = [{"person": person, "rank": TELLING.index(kind) + 1} for person, kind in self.named]
        return {
            "number": number,
            "noun": self.noun,
            "row_id": self.row_id,
            "by": self.by,
            "named": named,
            "is_watched": self.is_watched,
            "entry_id": self.entry_id,
            "parent_id": self.parent_id,
            "entry_noun": self.entry_noun,
        }


@dataclass(frozen=True, slots=True)
class Gone:
    """What nobody needs to be told any more: of a row, or of what was written on it; to one person, if they are named."""

    noun: str | None = None
    row_id: int | None = None
    entry_id: int | None = None
    person: str | None = None
    kind: str | None = None


def acts_of(changes: Iterable[Written]) -> Iterator[Act]:
    """Yield what there is to tell of the changes."""
    watched = {entity.name for entity in watched_entities()}
    for change in changes:
        if change.audience is not None:
            continue
        act = _of_record(change) if change.entity.name in watched else _of_entry(change, watched)
        if act is not None and act.tells_anybody:
            yield act


def gone_with(changes: Iterable[Written]) -> Iterator[Gone]:
    """Yield what the changes make pointless to tell."""
    for change in changes:
        entity = change.entity
        if change.verb == REMOVED and entity.is_watched:
            yield Gone(noun=entity.name, row_id=change.row_id)
        elif change.verb == REMOVED and _is_entry(change):
            yield Gone(entry_id=change.row_id)
        elif change.verb != CREATED and _is_entry(change):
            for person in _mentioned_before(change) - _mentioned_now(change):
                yield Gone(entry_id=change.row_id, person=person, kind=MENTIONED)
        elif change.verb != CREATED and entity.is_watched:
            for person in _named(change, 0) - _named(change, 1):
                yield Gone(noun=entity.name, row_id=change.row_id, person=person, kind=ASSIGNED)


def _of_record(change: Written) -> Act | None:
    if change.verb in {MOVED, REMOVED, RESTORED}:
        return None
    is_new = change.verb == CREATED
    named = _ids(dict(change.given).values()) if is_new else _named(change, 1) - _named(change, 0)
    return Act(
        change.entity.name,
        change.row_id,
        change.by,
        tuple((person, ASSIGNED) for person in sorted(named)),
        is_watched=not is_new and bool(change.fields),
    )


def _of_entry(change: Written, watched: set[str]) -> Act | None:
    """Return what there is to tell of something written on a record; of a change only whom it newly names."""
    if not _is_entry(change) or change.subject is None or change.subject[0] not in watched:
        return None
    is_new, (noun, row_id) = change.verb == CREATED, change.subject
    if is_new:
        given = dict(change.given)
        parent_id = given.get(change.entity.parent_column or "")
        named = _ids([given.get(_mentions_of(change)[1])])
    elif change.verb in {REMOVED, RESTORED}:
        return None
    else:
        parent_id, named = None, _mentioned_now(change) - _mentioned_before(change)
    return Act(
        noun,
        row_id,
        change.by,
        tuple((person, MENTIONED) for person in sorted(named)),
        is_watched=is_new,
        entry_id=change.row_id,
        parent_id=parent_id,
        entry_noun=change.entity.name if is_new else None,
    )


def _is_entry(change: Written) -> bool:
    return change.entity.mentions is not None and change.entity.about.subject is not None


def _mentions_of(change: Written) -> tuple[str, str]:
    assert change.entity.mentions is not None
    return change.entity.mentions


def _mentioned_before(change: Written) -> set[str]:
    return set(mentioned(_text(change, 0)))


def _mentioned_now(change: Written) -> set[str]:
    return set(mentioned(_text(change, 1)))


def _text(change: Written, side: int) -> str:
    two = dict(change.fields).get(_mentions_of(change)[0])
    return (two[side] or "") if two else ""


def _named(change: Written, side: int) -> set[str]:
    """Return the people whom the changed fields named before (0), or name now (1)."""
    fields = dict(change.fields)
    return _ids(fields[name][side] for name in change.entity.user_columns if name in fields)


def _ids(values: Iterable[Any]) -> set[str]:
    found = set[str]()
    for value in values:
        found.update([value] if isinstance(value, str) else value or ())
    return found
