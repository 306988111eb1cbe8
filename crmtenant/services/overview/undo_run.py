"""What one undo knows on its way, and what became of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select

from crmtenant.models.tenant.change import BatchRow, LoggedChange
from crmtenant.services.changes.written import MOVED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor, Values
    from crmtenant.services.entities.entity_type import EntityType

ROWS_AT_ONCE = 500
MOST_KEPT = 100
CHANGED_SINCE, GONE, IN_USE, FORBIDDEN = "changed_since", "gone", "in_use", "forbidden"

Patched = Callable[["EntityType", Any, Mapping[str, Any]], "Values"]
"""Return the columns of a row that has these JSON fields in place of its own, or raise `Invalid`."""

LONGS = ARRAY(BigInteger)
IDS = any_(bindparam("ids", type_=LONGS))


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row, or fields of one, that stayed as they are, why, and who changed them since."""

    noun: str
    id: int
    title: str | None
    fields: tuple[str, ...]
    reason: str
    by: str | None = None
    at: datetime | None = None


@dataclass(slots=True)
class UndoRun:
    """One undo. Of what is kept, the first are told and all are counted."""

    session: Session
    actor: Actor
    batch_id: int
    patched: Patched
    restored: int = 0
    partly: int = 0
    kept: list[KeptRow] = field(default_factory=list)
    kept_count: int = 0
    undo_id: int | None = None

    @property
    def entities(self) -> Iterable[EntityType]:
        """The nouns, each after those that it refers to."""
        return self.actor.entities.by_table.values()

    def keep(self, rows: Iterable[KeptRow], count: int) -> None:
        """Remember rows that were not put back, or not wholly."""
        self.kept_count += count
        self.kept += list(rows)[: MOST_KEPT - len(self.kept)]


def chunks(session: Session, statement: Any, **values: Any) -> Iterator[list[Any]]:
    """Yield what the statement finds, in the order of ids; it continues after `after`, and `row_id` comes first."""
    after = 0
    while found := session.execute(statement, {**values, "after": after}).all():
        yield list(found)
        after = found[-1].row_id


def of_batch(run: UndoRun, entity: EntityType, *columns: Any) -> Any:
    """Select the batch's rows of a noun, a chunk of them."""
    return (
        select(BatchRow.row_id, BatchRow.after_version, *columns)
        .where(
            BatchRow.batch_id == run.batch_id,
            BatchRow.noun == entity.name,
            BatchRow.row_id > bindparam("after", type_=BigInteger),
        )
        .order_by(BatchRow.row_id)
        .limit(ROWS_AT_ONCE)
    )


def logged_since(session: Session, entity: EntityType, versions: Mapping[int, int]) -> dict[int, list[Any]]:
    """Return by row what the log says of it from this version on, oldest first."""
    found: dict[int, list[Any]] = {}
    if not versions:
        return found
    given = (
        func.unnest(bindparam("ids", type_=LONGS), bindparam("versions", type_=LONGS))
        .table_valued("id", "version")
        .render_derived("given")
    )
    log = LoggedChange
    statement = (
        select(log.row_id, log.version, log.by, log.at, log.verb, log.changes)
        .where(
            log.noun == entity.name,
            log.row_id == given.c.id,
            log.version >= given.c.version,
            log.verb != MOVED,
        )
        .order_by(log.row_id, log.version)
    )
    values = {"ids": list(versions), "versions": list(versions.values())}
    for line in session.execute(statement, values):
        found.setdefault(line.row_id, []).append(line)
    return found


def referred(run: UndoRun, entity: EntityType, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the rows that these refer to. Whoever holds them lets the session know them: they are read once, not for
    each of those."""
    found: list[Any] = []
    for key in entity.table.foreign_keys:
        target = next(other for other in run.entities if other.table is key.column.table)
        ids = {row.get(key.parent.name) for row in rows} - {None}
        if ids:
            found += run.session.scalars(
                select(target.model).where(target.model.id == IDS), {"ids": list(ids)}
            )
    return found
