"""What became of one row: who changed what, when, from what to what, newest first; one statement a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, Select, Text, bindparam, literal, or_, select, true

from crmtenant.errors import NotFound
from crmtenant.models.tenant.change import LoggedChange
from crmtenant.services.changes.written import CHANGED, CREATED, MOVED
from crmtenant.services.entities.entity_type import VIEWER

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType

TOGETHER = timedelta(minutes=10)
"""What one person changes in a row within this time is shown as one change."""

_FIELDS = ("seq", "at", "by", "cause", "verb", "version", "changes", "batch_id")

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The lines of a page, and the number to go on after; None on the last page."""

    lines: list[Line]
    after: int | None


def page(
    reader: Reader, entity: EntityType, row_id: int, viewer_id: str, limit: int, after: int | None
) -> HistoryPage:
    """Return one page of the history of a row, which may be in the trash.

    It ends with the row's creation, which the row itself says where it is older than the log.

    Raises: `NotFound` when there is no such row that the viewer may see.
    """
    values: dict[str, Any] = {"row_id": row_id, VIEWER: viewer_id, "most": limit + 1}
    if after is not None:
        values["after"] = after
    rows = reader.rows(_statement(entity, is_continued=after is not None), values)
    if not rows:
        raise NotFound
    created_at, created_by = rows[0][:2]
    found = [dict(zip(_FIELDS, row[2:], strict=True)) for row in rows if row[2] is not None]
    lines, is_last = found[:limit], len(found) <= limit
    if is_last and not any(line["verb"] == CREATED for line in lines):
        lines.append(_creation(created_at, created_by))
    return HistoryPage(list(together(lines)), None if is_last else lines[-1]["seq"])


def together(lines: Iterable[Line]) -> Iterable[Line]:
    """Yield the lines, newest first, a person's changes that follow each other within ten minutes as one."""
    shown: Line | None = None
    for line in lines:
        if shown is not None and _is_one(shown, line):
            shown = _joined(shown, line)
            continue
        if shown is not None:
            yield shown
        shown = line
    if shown is not None:
        yield shown


def _is_one(newer: Line, older: Line) -> bool:
    same = all(newer[name] == older[name] for name in ("by", "cause", "batch_id"))
    are_edits = newer["verb"] == older["verb"] == CHANGED
    return same and are_edits and newer["at"] - older["at"] <= TOGETHER


def _joined(newer: Line, older: Line) -> Line:
    """Return the newer line with what the older one changed; what came back to what it was is left out."""
    before, after = older["changes"], newer["changes"]
    changes = {**before, **after}
    changes |= {name: [before[name][0], after[name][1]] for name in before.keys() & after.keys()}
    return {**newer, "changes": {name: two for name, two in changes.items() if two[0] != two[1]}}


def _creation(at: datetime, by: str) -> Line:
    known: Mapping[str, Any] = {"at": at, "by": by, "verb": CREATED, "version": 1, "changes": {}}
    return {**dict.fromkeys(_FIELDS), "cause": "person", **known}


@lru_cache(maxsize=64)
def _statement(entity: EntityType, *, is_continued: bool) -> Select[Any]:
    row_id = bindparam("row_id", type_=BigInteger)
    before = LoggedChange.seq < bindparam("after", type_=BigInteger) if is_continued else true()
    lines = (
        select(*(getattr(LoggedChange, name) for name in _FIELDS))
        .where(
            LoggedChange.noun == literal(entity.name),
            LoggedChange.row_id == row_id,
            LoggedChange.verb != MOVED,
            or_(LoggedChange.audience.is_(None), LoggedChange.audience == bindparam(VIEWER, type_=Text)),
            before,
        )
        .order_by(LoggedChange.seq.desc())
        .limit(bindparam("most", type_=Integer))
        .lateral("lines")
    )
    row = (
        select(entity.model.created_at, entity.model.created_by)
        .where(entity.model.id == row_id, entity.visible)
        .subquery("row")
    )
    return select(row.c.created_at, row.c.created_by, *(lines.c[name] for name in _FIELDS)).select_from(
        row.outerjoin(lines, true())
    )
