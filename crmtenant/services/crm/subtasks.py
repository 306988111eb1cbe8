"""Tasks below tasks: they stay in one project, and never in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, case, cast, func, select

from crmtenant import advisory_locks
from crmtenant.errors import FieldError
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.boards import entrance, entrances_of
from crmtenant.services.entities.entity_type import BelongsTo
from crmtenant.services.writing.cascade import change_owned, descendants

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor
    from crmtenant.services.entities.entity_type import EntityType

SUBTASKS = BelongsTo("task", "parent_id")


def projects_of(session: Session, ids: set[int]) -> dict[int, int | None]:
    """Return the project of each of the tasks."""
    projects = select(Task.id, Task.project_id).where(Task.id.in_(ids))
    return {row.id: row.project_id for row in session.execute(projects)} if ids else {}


def depth(row_id: int, above: Mapping[int | None, int | None]) -> int:
    """Return how many of these tasks are above this one; a circle, which nothing can close, would end too."""
    seen: set[int | None] = set()
    place: int | None = row_id
    while place in above and place not in seen:
        seen.add(place)
        place = above[place]
    return len(seen)


def take_subtasks_along(session: Session, actor: Actor, entity: EntityType, row: Any) -> None:
    """Move everything below the task into its project, to where its board begins."""
    entrances = entrances_of(session, [row.project_id]).get(row.project_id, {})
    columns = {status: entrance(entrances, status) for status in ("open", "done")}
    column_id = case((Task.status == "done", columns["done"]), else_=cast(columns["open"], BigInteger))
    values = {"project_id": row.project_id, "column_id": column_id}
    change_owned(session, actor, entity, SUBTASKS, [row.id], values)


def cycle(session: Session, entity: EntityType, parent_id: int, row_id: int) -> Iterator[FieldError]:
    """Yield an error when the new parent is the task itself or below it. Two who re-parent take turns."""
    session.execute(select(func.pg_advisory_xact_lock(advisory_locks.TASK_PARENT)))
    below = descendants(entity, SUBTASKS, [row_id])
    if session.scalar(select(below.c.id).where(below.c.id == parent_id)) is not None:
        yield FieldError("/parent_id", "cycle", "A task cannot be below itself.")
