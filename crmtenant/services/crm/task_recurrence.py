"""Tasks that repeat: what follows when one is done, and is taken back when it is reopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select

from crmtenant.clock import day_at, days_later
from crmtenant.models.tenant.task import Task, TaskOccurrence
from crmtenant.services.crm.boards import fitting_column
from crmtenant.services.writing.ordering import STEP, at_end
from crmtenant.text.occurrences import Following, following

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor, Values
    from crmtenant.services.writing.entity_writer import EntityWriter

_COPIED = (
    "project_id", "parent_id", "kind", "title", "title_key", "description", "priority", "assignee_ids", "contact_id",
    "estimate_minutes", "labels", "recurrence",
)  # fmt: skip
NOTHING = Following(None, None, (), 0)


@dataclass(slots=True)
class _Shift:
    """How an occurrence is moved into a later one: so many days, and to the end of its project."""

    actor: Actor
    days: int
    column_id: int | None
    position: float

    def copied(self, row: Any, **differing: Any) -> Task:
        """Return the task of the later occurrence: open, with the same text, people and time of day."""
        own = {name: getattr(row, name) for name in _COPIED}
        values: Values = {
            **own,
            "status": "open",
            "column_id": row.column_id and self.column_id,
            "position": self.position,
            "start_on": _moved(row.start_on, self.days),
            "due_on": _moved(row.due_on, self.days),
            "due_at": row.due_at and days_later(row.due_at, self.days, self.actor.clock.zone),
            "search": select(Task.search).where(Task.id == row.id).scalar_subquery(),
            "created_by": self.actor.id,
            "updated_by": self.actor.id,
        }
        self.position += STEP
        return Task(**values | differing)


def repeat(session: Session, actor: Actor, row: Any) -> None:
    """Add the next occurrence of a task that is done now, with its subtasks, unless its rule has ended.

    The task itself repeats no more. It remembers its rule, and what followed.
    """
    rule, day = row.recurrence, _anchor(row, actor.clock.today())
    comes = following(rule, day, actor.clock.today())
    row.recurrence = None
    memory = TaskOccurrence(task_id=row.id, rule=rule)
    if comes.day is not None:
        memory.next_id = _added(session, actor, row, comes, (comes.day - day).days)
    session.merge(memory)


def take_back(session: Session, actor: Actor, writer: EntityWriter, row: Any) -> None:
    """Let a task that was reopened repeat again and put its next occurrence into the trash: one of them is enough.

    Where the next one is done already, the series has gone on without this task, which stays a single one.
    """
    memory = session.get(TaskOccurrence, row.id)
    if memory is None:
        return
    later = next(iter(locked(session, Task.id == memory.next_id)), None)
    if later is None or later.status == "open":
        row.recurrence = memory.rule
    if later is not None and later.status == "open":
        writer.remove(session, actor, [later])
    session.delete(memory)


def what_followed(session: Session, actor: Actor, row: Any) -> tuple[Any, Following]:
    """Return the next occurrence of a done task, if there is one, and which dates were missed before it."""
    memory = session.get(TaskOccurrence, row.id)
    if memory is None or row.completed_at is None:
        return None, NOTHING
    done_on = day_at(row.completed_at, actor.clock.zone)
    later = session.get(Task, memory.next_id) if memory.next_id else None
    return later, following(memory.rule, _anchor(row, done_on), done_on)


def _added(session: Session, actor: Actor, row: Any, comes: Following, days: int) -> int:
    """Return the id of the next occurrence, added with its subtasks."""
    shift = _Shift(
        actor,
        days,
        column_id=fitting_column(session, row, is_done=False),
        position=at_end(session, Task.project_id, row.project_id),
    )
    due_on = comes.day if row.due_on or not row.start_on else None
    copy = shift.copied(row, recurrence=comes.rule, due_on=due_on)
    session.add(copy)
    session.flush()
    _copy_subtasks(session, shift, {row.id: copy.id})
    added: int = copy.id
    return added


def _copy_subtasks(session: Session, shift: _Shift, copies: dict[int, int]) -> None:
    """Copy what is below these tasks, level by level; `copies` maps the ids of one level to their copies'."""
    while copies:
        rows = session.scalars(
            select(Task)
            .where(
                Task.parent_id.in_(copies),
                Task.deleted_at.is_(None),
                # Of a subtask that repeats by itself, the last one comes along.
                Task.id.not_in(select(TaskOccurrence.task_id).where(TaskOccurrence.next_id.is_not(None))),
            )
            .order_by(Task.position, Task.id)
        ).all()
        made = {row.id: shift.copied(row, parent_id=copies[row.parent_id or 0]) for row in rows}
        session.add_all(made.values())
        session.flush()
        copies = {row_id: copy.id for row_id, copy in made.items()}


def locked(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Any]:
    """Return the live tasks for which this is true, locked in the order of their ids, as they are now."""
    live = select(Task).where(*conditions, Task.deleted_at.is_(None)).order_by(Task.id)
    now = live.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalars(now).all()


def _anchor(row: Any, today: date) -> date:
    """Return the day the rule of the task is counted from."""
    day: date = row.due_on or row.start_on or today
    return day


def _moved(day: date | None, days: int) -> date | None:
    """Return the day so many later; None beyond the calendar."""
    try:
        return day and day + timedelta(days=days)
    except OverflowError:
        return None
