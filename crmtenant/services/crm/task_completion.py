"""Nothing is open below a done task: what is below is completed with it, and what opens below reopens it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, select

from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.boards import entrance, entrances_of
from crmtenant.services.crm.subtasks import SUBTASKS
from crmtenant.services.crm.task_recurrence import locked, repeat, take_back, what_followed
from crmtenant.services.writing.cascade import descendants

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor
    from crmtenant.services.writing.entity_writer import EntityWriter


@dataclass(frozen=True, slots=True)
class Completion:
    """What completing a task did: the next occurrence, the dates missed before it (the latest are named, all are
    counted), and how many subtasks were completed with it."""

    next_occurrence: Any
    missed: Sequence[date]
    missed_count: int
    completed_subtasks: int


def complete(session: Session, actor: Actor, writer: EntityWriter, row: Any) -> None:
    """Complete a task whose status is done by now, and what is open below it; add its next occurrence."""
    row.completed_at = actor.clock.read()
    # Somebody may have added a subtask below a subtask while we waited for it.
    while below := locked(session, _below(writer, row), Task.status == "open"):
        _set_status(session, actor, writer, below, "done", row.completed_at)
    if row.recurrence is not None:
        repeat(session, actor, row)


def reopen(session: Session, actor: Actor, writer: EntityWriter, row: Any, *, keeps_rule: bool) -> None:
    """Reopen a task whose status is open by now, and what was completed with it; take its next occurrence back.

    `keeps_rule`: it was given a rule just now, which counts rather than the one it had.
    """
    given = row.recurrence
    went_along = locked(session, _below(writer, row), Task.completed_at == row.completed_at)
    row.completed_at = None
    _set_status(session, actor, writer, went_along, "open", None)
    take_back(session, actor, writer, row)
    if keeps_rule:
        row.recurrence = given


def reopen_above(session: Session, actor: Actor, writer: EntityWriter, parent_ids: Iterable[int]) -> None:
    """Reopen those tasks, and those above them, that are done: something below them is open."""
    start = select(Task.id, Task.parent_id).where(Task.id.in_(list(parent_ids))).cte("above", recursive=True)
    above = start.union(select(Task.id, Task.parent_id).join(start, Task.id == start.c.parent_id))
    done = locked(session, Task.id.in_(select(above.c.id)), Task.status == "done")
    _set_status(session, actor, writer, done, "open", None)
    for row in done:
        take_back(session, actor, writer, row)


def completion(session: Session, actor: Actor, writer: EntityWriter, row: Any) -> Completion:
    """Return what completing this done task did."""
    later, comes = what_followed(session, actor, row)
    along = select(func.count()).where(_below(writer, row), Task.completed_at == row.completed_at)
    return Completion(later, comes.missed, comes.missed_count, session.scalar(along) or 0)


def _below(writer: EntityWriter, row: Any) -> ColumnElement[bool]:
    below = descendants(writer.entity, SUBTASKS, [row.id])
    return Task.id.in_(select(below.c.id).where(below.c.id != row.id))


def _set_status(
    session: Session,
    actor: Actor,
    writer: EntityWriter,
    rows: Sequence[Any],
    status: str,
    completed_at: datetime | None,
) -> None:
    """Write the status into the tasks, each in the first column of its board that fits."""
    boards = entrances_of(session, (row.project_id for row in rows if row.column_id is not None))
    for row in rows:
        row.status, row.completed_at = status, completed_at
        if row.column_id is not None:
            row.column_id = entrance(boards.get(row.project_id, {}), status) or row.column_id
        writer.touch(row, actor)
    session.flush()
