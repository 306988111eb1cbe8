"""The next occurrence of a task that repeats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.clock import days_later
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.boards import fitting_column
from crmtenant.services.entities.ordering import at_end
from crmtenant.text.occurrences import following

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor, Values


def next_occurrence(session: Session, actor: Actor, row: Any) -> Values | None:
    """Return what differs in the next occurrence of a done task; None when it does not repeat any more."""
    rule, day = row.recurrence, row.due_on or row.start_on or actor.clock.today()
    comes = following(rule, day, day) if rule else None
    if comes is None or comes.day is None:
        return None
    later = comes.day - day
    return {
        "status": "open",
        "column_id": fitting_column(session, row, is_done=False),
        "position": at_end(session, Task.project_id, row.project_id),
        "recurrence": comes.rule,
        "start_on": _moved(row.start_on, later),
        "due_on": comes.day if row.due_on or not row.start_on else None,
        "due_at": row.due_at and days_later(row.due_at, later.days, actor.clock.zone),
        "search": select(Task.search).where(Task.id == row.id).scalar_subquery(),
    }


def _moved(day: date | None, later: timedelta) -> date | None:
    """Return the day that much later; None beyond the calendar."""
    try:
        return day and day + later
    except OverflowError:
        return None
