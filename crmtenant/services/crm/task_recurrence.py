"""The next occurrence of a task that repeats."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.clock import now
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.boards import fitting_column
from crmtenant.services.entities.ordering import at_end
from crmtenant.text.recurrence import next_day, spent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Values


def next_occurrence(session: Session, row: Any) -> Values | None:
    """Return what differs in the next occurrence of a done task; None when it does not repeat any more."""
    rule, day = row.recurrence, row.due_on or row.start_on or now().date()
    following = next_day(rule, day) if rule else None
    if following is None:
        return None
    later = following - day
    return {
        "status": "open",
        "column_id": fitting_column(session, row, is_done=False),
        "position": at_end(session, Task.project_id, row.project_id),
        "recurrence": spent(rule),
        "start_on": _moved(row.start_on, later),
        "due_on": following if row.due_on or not row.start_on else None,
        "due_at": _moved(row.due_at, later),
        "search": select(Task.search).where(Task.id == row.id).scalar_subquery(),
    }


def _moved(moment: Any, later: timedelta) -> Any:
    """Return the day or moment that much later; None beyond the calendar."""
    try:
        return moment and moment + later
    except OverflowError:
        return None
