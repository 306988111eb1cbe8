"""Tasks: what can be listed, where they stand on a board, and what completing one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, and_, bindparam, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import TSQUERY, array

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.board_columns import agree, done_columns, entrance, entrances_of, fitting_column
from crmtenant.services.crm.projects import FAR_FUTURE, require_live_project
from crmtenant.services.entities.listing import EntityType, has_one_of_the_ids
from crmtenant.services.entities.ordering import at_end, beside, in_group, placed
from crmtenant.services.entities.writing import Actor, EntityWriter, Values, touched, unknown_reference
from crmtenant.text.recurrence import next_day, spent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

REPARENTING = 7_241_903
"""The advisory lock of those who give tasks another parent: two at once could close a circle."""
_FIELDS = (
    "id", "project_id", "parent_id", "title", "description", "status", "column_id", "position", "priority",
    "assignee_ids", "contact_id", "start_on", "due_on", "due_at", "estimate_minutes", "labels", "recurrence",
    "completed_at", "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip
_is_overdue = and_(Task.status == "open", Task.due_on < func.current_date())

TASK = EntityType(
    name="task",
    model=Task,
    columns={name: getattr(Task, name) for name in _FIELDS},
    filters={
        "id": has_one_of_the_ids(Task),
        "project_id": Task.project_id == bindparam("project_id"),
        "parent_id": Task.parent_id == bindparam("parent_id"),
        "column_id": Task.column_id == bindparam("column_id"),
        "assignee_id": Task.assignee_ids.contains(array([bindparam("assignee_id", type_=Text)])),
        "status": Task.status == bindparam("status"),
        "label": Task.labels.contains(array([bindparam("label", type_=Text)])),
        "priority": Task.priority == bindparam("priority"),
        "contact_id": Task.contact_id == bindparam("contact_id"),
        "due_before": Task.due_on < bindparam("due_before"),
        "due_after": Task.due_on > bindparam("due_after"),
        "overdue": func.coalesce(_is_overdue, False) == bindparam("overdue"),
        "created_after": Task.created_at > bindparam("created_after"),
        "updated_after": Task.updated_at > bindparam("updated_after"),
        "q": Task.search.bool_op("@@")(cast(bindparam("q", type_=Text), TSQUERY)),
    },
    sorts={
        "position": Task.position,
        "title": Task.title_key,
        "priority": Task.priority,
        "due_on": func.coalesce(Task.due_on, FAR_FUTURE),
        "created_at": Task.created_at,
        "updated_at": Task.updated_at,
    },
)


class TaskRecords(EntityWriter):
    """The writes of tasks."""

    noun = TASK
    people = ("assignee_ids",)

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:
        """The drafts with a place in their project, which is the parent's if need be, and on its board; in a
        column of done tasks they are done."""
        done = done_columns(session, (draft["column_id"] for draft in drafts))
        homes = _projects_of(session, {draft["parent_id"] for draft in drafts} - {None})
        drafts = [{**d, "project_id": d["project_id"] or homes.get(d["parent_id"])} for d in drafts]
        prepared = placed(session, Task.project_id, drafts)
        lost = [values for values in prepared if values["column_id"] is None]
        entrances = entrances_of(session, (values["project_id"] for values in lost))
        for values in lost:
            values["column_id"] = entrance(entrances.get(values["project_id"], {}), values["status"])
        for values in prepared:
            if values["column_id"] in done:
                values["status"] = "done"
            values["completed_at"] = now() if values["status"] == "done" else None
        return prepared

    def field_errors(self, session: Session, values: Values, row: Any) -> Iterator[FieldError]:
        """Where project, column, parent or contact are not there or do not fit together."""
        project_id = values["project_id"]
        of_project = row if row is not None and row.project_id == project_id else None
        same_board = BoardColumn.project_id == project_id
        # Held: whoever throws them away meanwhile does not see a task yet that is on its way to them.
        column = [
            *unknown_reference(
                session, BoardColumn, values, "column_id", of_project, same_board, is_held=True
            )
        ]
        if column or values["column_id"] is None:  # a column that is there is a live project's
            yield from unknown_reference(session, Project, values, "project_id", row, is_held=True)
        yield from unknown_reference(session, Contact, values, "contact_id", row)
        yield from column
        if row is not None and values["parent_id"] not in (None, row.parent_id):
            yield from _cycle(session, values["parent_id"], row.id)
        same_project = in_group(Task.project_id, project_id)
        # A new subtask is not there yet for whoever takes its parent elsewhere, or throws it away.
        is_new = row is None
        yield from unknown_reference(
            session, Task, values, "parent_id", of_project, same_project, is_held=is_new
        )

    def change(self, session: Session, actor: Actor, row: Any, values: Values, pointer: str = "") -> Any:
        """The task with these values; without a `column_id` in them it comes into its new project's board."""
        if "column_id" not in values:
            values = {**values, "column_id": _column_in(session, row, values["project_id"], values["status"])}
        return super().change(session, actor, row, values, pointer)

    def settle(self, session: Session, actor: Actor, row: Any, changes: Mapping[str, Any]) -> None:
        """Nothing comes back; status, column, completion, repetition and subtasks agree with the change."""
        if "project_id" in changes:
            _take_subtasks_along(session, actor, row)
        if row.column_id is not None:
            agree(session, row, changes)
        if row.status == "open":
            row.completed_at = None
        elif row.completed_at is None:
            row.completed_at = now()
            self._repeat(session, actor, row)

    def complete(self, session: Session, actor: Actor, row: Any) -> Any:
        """The task, done. One that repeats leaves a new task for its next day and repeats no more itself."""
        return self.change(session, actor, row, {**_as_values(row), "status": "done"})

    def reopen(self, session: Session, actor: Actor, row: Any) -> Any:
        """The task, open again."""
        return self.change(session, actor, row, {**_as_values(row), "status": "open"})

    def move(self, session: Session, actor: Actor, row: Any, target: Mapping[str, Any]) -> Any:
        """The task in another project, column or place; `target` is the checked body of the request."""
        values = _as_values(row)
        if "project_id" in target and target["project_id"] != row.project_id:
            values.update(project_id=target["project_id"], parent_id=None)
            values["column_id"] = _column_in(session, row, values["project_id"], values["status"])
        if "column_id" in target:
            values["column_id"] = target["column_id"]
        for side in ("before", "after"):
            if target.get(side) is not None:
                values["position"] = _position_beside(
                    session, actor, row, values["project_id"], target[side], side
                )
                return self.change(session, actor, row, values)
        if values["project_id"] != row.project_id or values["column_id"] != row.column_id:
            values["position"] = at_end(session, Task.project_id, values["project_id"])
        return self.change(session, actor, row, values)

    def removed(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; subtasks at any depth are in the trash too, stamped with the same moment."""
        mark = {"deleted_at": rows[0].deleted_at, "deleted_by": actor.id}
        _mark_below(session, actor, [row.id for row in rows], mark, Task.deleted_at.is_(None))

    def restored(self, session: Session, actor: Actor, row: Any, thrown_away_at: datetime) -> None:
        """Nothing comes back; subtasks that went along are back. `Conflict` while what it is in is thrown away."""
        if row.project_id is not None:
            require_live_project(session, row.project_id)
        if row.parent_id is not None and session.get_one(Task, row.parent_id).deleted_at is not None:
            raise Conflict("The task above it is in the trash; restore that first.", code="parent_in_trash")
        mark = {"deleted_at": None, "deleted_by": None}
        _mark_below(session, actor, [row.id], mark, Task.deleted_at == thrown_away_at)

    def outermost_first(self, rows: Sequence[Any]) -> list[Any]:
        """The tasks, each after the one above it."""
        above: dict[int | None, int | None] = {row.id: row.parent_id for row in rows}
        return sorted(rows, key=lambda row: _depth(row.id, above))

    def _repeat(self, session: Session, actor: Actor, row: Any) -> None:
        """Nothing comes back; a done task that repeats has left its next occurrence, unless its rule has ended."""
        rule, row.recurrence = row.recurrence, None
        day = row.due_on or row.start_on or now().date()
        following = next_day(rule, day) if rule else None
        if following is None:
            return
        later = following - day
        values = {
            **_as_values(row),
            "created_by": actor.id,
            "updated_by": actor.id,
            "status": "open",
            "column_id": fitting_column(session, row, is_done=False),
            "position": at_end(session, Task.project_id, row.project_id),
            "recurrence": spent(rule),
            "start_on": _moved(row.start_on, later),
            "due_on": following if row.due_on or not row.start_on else None,
            "due_at": _moved(row.due_at, later),
            "search": select(Task.search).where(Task.id == row.id).scalar_subquery(),
        }
        session.add(Task(**values))


def _projects_of(session: Session, ids: set[int]) -> dict[int, int | None]:
    """The project of each of the tasks."""
    asked = select(Task.id, Task.project_id).where(Task.id.in_(ids))
    return {row.id: row.project_id for row in session.execute(asked)} if ids else {}


def _depth(row_id: int, above: Mapping[int | None, int | None]) -> int:
    """How many of these tasks are above this one; a circle, which nothing can close, would end too."""
    seen: set[int | None] = set()
    place: int | None = row_id
    while place in above and place not in seen:
        seen.add(place)
        place = above[place]
    return len(seen)


def _moved(moment: Any, later: timedelta) -> Any:
    """The day or moment that much later; None beyond the calendar."""
    try:
        return moment and moment + later
    except OverflowError:
        return None


def _mark_below(
    session: Session, actor: Actor, row_ids: Sequence[int], values: Values, *conditions: Any
) -> None:
    """Nothing comes back; the tasks below these have the values and are a version further."""
    below = _descendants(row_ids)
    session.execute(
        update(Task)
        .where(Task.id.in_(select(below.c.id)), Task.id.not_in(row_ids), *conditions)
        .values(**values, **touched(Task, actor))
        .execution_options(synchronize_session=False)
    )


def _take_subtasks_along(session: Session, actor: Actor, row: Any) -> None:
    entrances = entrances_of(session, [row.project_id]).get(row.project_id, {})
    columns = {status: entrance(entrances, status) for status in ("open", "done")}
    column_id = case((Task.status == "done", columns["done"]), else_=cast(columns["open"], BigInteger))
    _mark_below(session, actor, [row.id], {"project_id": row.project_id, "column_id": column_id})


def _column_in(session: Session, row: Any, project_id: int | None, status: str) -> int | None:
    """The column of the task in this project: its own while it stays there, else where it comes in."""
    if project_id == row.project_id:
        column_id: int | None = row.column_id
        return column_id
    return entrance(entrances_of(session, [project_id]).get(project_id or 0, {}), status)


def _position_beside(
    session: Session, actor: Actor, row: Any, project_id: int | None, neighbour_id: int, side: str
) -> float:
    """A position before or after the neighbour; `Invalid` when it is not in the project, or is the task itself."""
    if neighbour_id == row.id:
        raise Invalid(FieldError(f"/{side}", "refers_to_itself", "A task cannot be moved next to itself."))
    same_project = in_group(Task.project_id, project_id)
    field_errors = [*unknown_reference(session, Task, {side: neighbour_id}, side, None, same_project)]
    if field_errors:
        raise Invalid(*field_errors)
    return beside(session, actor, Task.project_id, row, project_id, neighbour_id, is_before=side == "before")


def _as_values(row: Any) -> Values:
    """The columns of a task that a client may write, and its search keys' sources."""
    names = (
        "project_id", "parent_id", "title", "title_key", "description", "status", "column_id", "position",
        "priority", "assignee_ids", "contact_id", "start_on", "due_on", "due_at", "estimate_minutes", "labels",
        "recurrence",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _descendants(row_ids: Sequence[int]) -> Any:
    """The ids of these tasks and of everything below them. UNION (not ALL) ends even where there is a cycle."""
    below = select(Task.id).where(Task.id.in_(row_ids)).cte("below", recursive=True)
    return below.union(select(Task.id).join(below, Task.parent_id == below.c.id))


def _cycle(session: Session, parent_id: int, row_id: int) -> Iterator[FieldError]:
    """A fault when the new parent is the task itself or below it. Two who re-parent take turns."""
    session.execute(select(func.pg_advisory_xact_lock(REPARENTING)))
    below = _descendants([row_id])
    if session.scalar(select(below.c.id).where(below.c.id == parent_id)) is not None:
        yield FieldError("/parent_id", "cycle", "A task cannot be below itself.")


TASKS = TaskRecords()
