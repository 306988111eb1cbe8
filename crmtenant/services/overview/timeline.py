"""The timeline of a record: one page of what was written on it, newest first, by one statement.

A page is put together of sources. Each yields selects of `at`, `source`, `id` and `item` (its JSON): the newest rows of
one kind that belong to a record, beyond a position: entries, and what the log tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, Text, bindparam, cast, literal, select, true
from sqlalchemy.orm import aliased

from crmtenant.db.schema.table_size import constant
from crmtenant.errors import NotFound
from crmtenant.services.crm import change_timeline
from crmtenant.services.crm.change_timeline import changes
from crmtenant.services.crm.entry_timeline import MOST_PINNED, entries, pinned
from crmtenant.services.overview.statements import union_of

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType

Position = tuple[str, str, int]
"""Where a page ends: the moment, the source and the id of its last item."""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page: its items as JSON, where the next one begins (None on the last page), and on the first what is pinned."""

    items: list[bytes]
    after: Position | None
    pinned: list[bytes]


def page(
    reader: Reader,
    record: EntityType,
    record_id: int,
    limit: int,
    kinds: Sequence[str] = (),
    after: Position | None = None,
) -> TimelinePage:
    """Return a page of the record's timeline, of entries of these kinds if any are given; `change` are the changes.

    Raises: `NotFound` when there is no such record.
    """
    of_entries = [kind for kind in kinds if kind != change_timeline.SOURCE]
    statement = _statement(
        record,
        limit,
        is_continued=after is not None,
        is_of_kinds=bool(of_entries),
        has_entries=bool(of_entries) or not kinds,
        has_changes=not kinds or len(of_entries) < len(kinds),
    )
    values: dict[str, Any] = {"record_id": record_id}
    if of_entries:
        values["kinds"] = of_entries
    if after is not None:
        values["after_at"], values["after_source"], values["after_id"] = after
    rows = reader.rows(statement, values, as_bytes=True)
    if not rows:
        raise NotFound
    shown = [row for row in rows if row[0] is False]
    following = None
    if len(shown) > limit:
        _, at, source, row_id, _ = shown[limit - 1]
        following = (at.decode(), source.decode(), row_id)
    is_pinned = [row[-1] for row in rows if row[0]]
    return TimelinePage([row[-1] for row in shown[:limit]], following, is_pinned)


@lru_cache(maxsize=256)
def _statement(
    record: EntityType,
    limit: int,
    *,
    is_continued: bool,
    is_of_kinds: bool,
    has_entries: bool,
    has_changes: bool,
) -> Select[Any]:
    """Return the statement: pinned items first, one item more than the limit, a row of nulls where there are none."""
    parts: list[Select[Any]] = []
    if has_entries:
        parts += entries(record.name, limit + 1, is_continued=is_continued, is_of_kinds=is_of_kinds)
    if has_changes:
        parts += changes(record.name, limit + 1, is_continued=is_continued)
    found = _ordered(parts, limit + 1, is_pinned=False)
    if not is_continued:
        found = select(union_of([found, _ordered(list(pinned(record.name)), MOST_PINNED, is_pinned=True)]))
    rows = found.subquery("found")
    there = aliased(record.model)
    frame = (
        select(there.id)
        .where(there.id == bindparam("record_id", type_=BigInteger), there.deleted_at.is_(None))
        .subquery("frame")
    )
    return (
        select(rows.c.is_pinned, cast(rows.c.at, Text), rows.c.source, rows.c.id, rows.c.item)
        .select_from(frame.outerjoin(rows, true()))
        .order_by(rows.c.is_pinned.desc(), rows.c.at.desc(), rows.c.source.desc(), rows.c.id.desc())
    )


def _ordered(parts: Sequence[Select[Any]], limit: int, *, is_pinned: bool) -> Select[Any]:
    rows = union_of(parts)
    return (
        select(literal(is_pinned).label("is_pinned"), *rows.c)
        .order_by(rows.c.at.desc(), rows.c.source.desc(), rows.c.id.desc())
        .limit(constant(limit))
    )
