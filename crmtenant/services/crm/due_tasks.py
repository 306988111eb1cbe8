"""Whose tasks are due in one company: those of who is to do them, or of who wrote them down if nobody is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import array

from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.projects import is_resting

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

#: How many of a person's tasks are named; the others are counted.
NAMED = 20
#: Whose tasks are all overdue for longer knows it by now.
NEWS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DueTask:
    """An open task whose day has come, or is over."""

    id: int
    title: str
    project: str | None
    due_on: date


@dataclass(frozen=True, slots=True)
class DueTasks:
    """One person's: the latest due first, and how many there are in all."""

    total: int
    named: list[DueTask]


_whose = case((func.cardinality(Task.assignee_ids) > 0, Task.assignee_ids), else_=array([Task.created_by]))
_due = (
    select(
        func.unnest(_whose).label("user_id"),
        Task.id,
        Task.title,
        Project.name.label("project"),
        Task.due_on,
    )
    .outerjoin(Project, Project.id == Task.project_id)
    .where(
        Task.deleted_at.is_(None),
        Task.status == "open",
        Task.due_on <= bindparam("day"),
        # What rests, rests with all its tasks.
        or_(Task.project_id.is_(None), ~is_resting),
    )
    .subquery()
)
_ranked = select(
    _due,
    func.count().over(partition_by=_due.c.user_id).label("total"),
    func.max(_due.c.due_on).over(partition_by=_due.c.user_id).label("latest"),
    func.row_number()
    .over(partition_by=_due.c.user_id, order_by=(_due.c.due_on.desc(), _due.c.id))
    .label("place"),
).subquery()
_NAMED = (
    select(
        _ranked.c.user_id,
        _ranked.c.total,
        _ranked.c.id,
        _ranked.c.title,
        _ranked.c.project,
        _ranked.c.due_on,
    )
    .where(_ranked.c.place <= NAMED, _ranked.c.latest > bindparam("since"))
    .order_by(_ranked.c.user_id, _ranked.c.place)
)


def due_tasks(reader: Reader, day: date) -> dict[str, DueTasks]:
    """What is due by the id of the person it concerns, if any of it became due within a week."""
    found: defaultdict[str, DueTasks] = defaultdict(lambda: DueTasks(0, []))
    for user_id, total, *task in reader.rows(_NAMED, {"day": day, "since": day - NEWS_FOR}):
        found[user_id] = DueTasks(total, [*found[user_id].named, DueTask(*task)])
    return dict(found)
