"""Tasks: what can be listed, where they stand on a board, and what completing one does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, cast, func, select, true, update
from sqlalchemy.dialects.postgresql import TSQUERY, array

from crmtenant.errors import Conflict, Fault, Invalid
from crmtenant.models.base import now
from crmtenant.models.contact import Contact
from crmtenant.models.project import BoardColumn, Project
from crmtenant.models.task import Task
from crmtenant.services.listing import Noun
from crmtenant.services.projects import FAR_FUTURE, POSITION_STEP
from crmtenant.services.records import Author, Records, Values, require_reference
from crmtenant.services.recurrence import next_day, spent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

SMALLEST_GAP = 1e-6
_FIELDS = (
    "id", "project_id", "parent_id", "title", "description", "status", "column_id", "position", "priority",
    "assignee_ids", "contact_id", "start_on", "due_on", "due_at", "estimate_minutes", "labels", "recurrence",
    "completed_at", "created_at", "updated_at", "created_by", "version",
)  # fmt: skip
_is_overdue = and_(Task.status == "open", Task.due_on < func.current_date())

TASK = Noun(
    name="task",
    model=Task,
    columns={name: getattr(Task, name) for name in _FIELDS},
    filters={
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


class TaskRecords(Records):
    """The writes of tasks."""

    noun = TASK
    people = ("assignee_ids",)

    def prepare(self, session: Session, author: Author, drafts: Sequence[Values]) -> Sequence[Values]:  # noqa: ARG002
        """The drafts with a position each, at the end of their project in the order given."""
        last: dict[int | None, float] = {}
        prepared = []
        for draft in drafts:
            values = dict(draft)
            if values.get("position") is None:
                project_id = values.get("project_id")
                if project_id not in last:
                    last[project_id] = _last_position(session, project_id)
                last[project_id] += POSITION_STEP
                values["position"] = last[project_id]
            if values.get("status") == "done":
                values["completed_at"] = now()
            prepared.append(values)
        return prepared

    def check(self, session: Session, values: Values, row: Item | None) -> None:
        """Nothing comes back; `Invalid` when project, column, parent or contact do not fit together."""
        project_id = values.get("project_id")
        require_reference(session, Project, project_id, "/project_id")
        require_reference(session, Contact, values.get("contact_id"), "/contact_id")
        require_reference(
            session, BoardColumn, values.get("column_id"), "/column_id", BoardColumn.project_id == project_id
        )
        self._check_parent(session, values.get("parent_id"), project_id, row)

    def settle(self, session: Session, row: Any, changes: Mapping[str, Any]) -> None:
        """Nothing comes back; status, column, completion time and subtasks agree with the change."""
        if changes.keys() & {"project_id"}:
            self._take_subtasks_along(session, row)
        if "column_id" in changes and "status" not in changes and row.column_id is not None:
            column = session.get_one(BoardColumn, row.column_id)
            row.status = "done" if column.is_done else "open"
        if row.status == "done" and row.completed_at is None:
            row.completed_at = now()
        if row.status == "open":
            row.completed_at = None

    def complete(self, session: Session, author: Author, row: Any) -> Any:
        """The task, done. One that repeats leaves a new task for its next day and repeats no more itself."""
        if row.status == "done":
            return row
        values: Values = {"status": "done"}
        if row.recurrence:
            self._repeat(session, author, row)
            values["recurrence"] = None
        values.update(_column(session, row, is_done=True))
        return self.change(session, author, row, {**_as_values(row), **values})

    def reopen(self, session: Session, author: Author, row: Any) -> Any:
        """The task, open again."""
        if row.status == "open":
            return row
        values = {**_as_values(row), "status": "open", **_column(session, row, is_done=False)}
        return self.change(session, author, row, values)

    def move(self, session: Session, author: Author, row: Any, target: Mapping[str, Any]) -> Any:
        """The task in another project, column or place; `target` is the checked body of the request."""
        values = _as_values(row)
        if "project_id" in target and target["project_id"] != row.project_id:
            values.update(project_id=target["project_id"], column_id=None, parent_id=None)
        if "column_id" in target:
            values["column_id"] = target["column_id"]
        neighbour_id = target.get("before") or target.get("after")
        if neighbour_id is not None:
            values["position"] = self._position_beside(session, row, values, neighbour_id, target)
        elif values["project_id"] != row.project_id or values["column_id"] != row.column_id:
            values["position"] = _last_position(session, values["project_id"]) + POSITION_STEP
        return self.change(session, author, row, values)

    def removed(self, session: Session, author: Author, rows: Sequence[Item]) -> None:
        """Nothing comes back; subtasks at any depth are in the trash too, stamped with the same moment."""
        below = _descendants([row.id for row in rows])
        session.execute(
            update(Task)
            .where(Task.id.in_(select(below.c.id)), Task.deleted_at.is_(None))
            .values(deleted_at=rows[0].deleted_at, deleted_by=author.id, version=Task.version + 1)
            .execution_options(synchronize_session=False)
        )

    def restored(self, session: Session, author: Author, row: Any, thrown_away_at: datetime) -> None:  # noqa: ARG002
        """Nothing comes back; subtasks that went along are back. `Conflict` while the project is thrown away."""
        if row.project_id is not None:
            project = session.get_one(Project, row.project_id)
            if project.deleted_at is not None:
                raise Conflict("The project is in the trash; restore that first.", code="parent_in_trash")
        below = _descendants([row.id])
        session.execute(
            update(Task)
            .where(Task.id.in_(select(below.c.id)), Task.deleted_at == thrown_away_at)
            .values(deleted_at=None, deleted_by=None, version=Task.version + 1)
            .execution_options(synchronize_session=False)
        )

    def _check_parent(
        self, session: Session, parent_id: int | None, project_id: int | None, row: Item | None
    ) -> None:
        if parent_id is None:
            return
        if row is not None and _is_below(session, parent_id, row.id):
            raise Invalid(Fault("/parent_id", "cycle", "A task cannot be below itself."))
        same_project = Task.project_id.is_not_distinct_from(project_id)
        require_reference(session, Task, parent_id, "/parent_id", same_project)

    def _take_subtasks_along(self, session: Session, row: Any) -> None:
        below = _descendants([row.id])
        session.execute(
            update(Task)
            .where(Task.id.in_(select(below.c.id)), Task.id != row.id)
            .values(project_id=row.project_id, column_id=None, version=Task.version + 1)
            .execution_options(synchronize_session=False)
        )

    def _repeat(self, session: Session, author: Author, row: Any) -> None:
        """Nothing comes back; the next occurrence is there, unless the rule has ended."""
        started_on = row.due_on or row.start_on or now().date()
        following = next_day(row.recurrence, started_on)
        if following is None or "COUNT=1" in row.recurrence.split(";"):
            return
        later = following - started_on
        values = {
            **_as_values(row),
            "position": None,
            "recurrence": spent(row.recurrence),
            "start_on": row.start_on + later if row.start_on else None,
            "due_on": following if row.due_on or not row.start_on else None,
            "due_at": row.due_at + later if row.due_at else None,
            "search": select(Task.search).where(Task.id == row.id).scalar_subquery(),
        }
        self.create(session, author, [values])

    def _position_beside(
        self, session: Session, row: Any, values: Values, neighbour_id: int, target: Mapping[str, Any]
    ) -> float:
        """A position beside the neighbour; the project is renumbered when there is no gap left."""
        pointer = "/before" if target.get("before") else "/after"
        is_before = pointer == "/before"
        project_id = values["project_id"]
        same_project = Task.project_id.is_not_distinct_from(project_id)
        if neighbour_id == row.id:
            raise Invalid(Fault(pointer, "refers_to_itself", "A task cannot be moved next to itself."))
        require_reference(session, Task, neighbour_id, pointer, same_project)
        for _ in range(2):
            neighbour = session.scalar(select(Task.position).where(Task.id == neighbour_id)) or 0.0
            beyond = _next_position(session, row, project_id, neighbour, is_before=is_before)
            if abs(beyond - neighbour) > SMALLEST_GAP:
                break
            _renumber(session, project_id)
        return (neighbour + beyond) / 2


def _as_values(row: Any) -> Values:
    """The columns of a task that a client may write, and its search keys' sources."""
    names = (
        "project_id", "parent_id", "title", "title_key", "description", "status", "column_id", "position",
        "priority", "assignee_ids", "contact_id", "start_on", "due_on", "due_at", "estimate_minutes", "labels",
        "recurrence",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _column(session: Session, row: Any, *, is_done: bool) -> Values:
    """The board column a task belongs in once it is done, or open again; nothing when the board has none."""
    if row.column_id is None:
        return {}
    column_id = session.scalar(
        select(BoardColumn.id)
        .where(
            BoardColumn.project_id == row.project_id,
            BoardColumn.is_done.is_(is_done),
            BoardColumn.deleted_at.is_(None),
        )
        .order_by(BoardColumn.position, BoardColumn.id)
        .limit(1)
    )
    return {"column_id": column_id} if column_id else {}


def _last_position(session: Session, project_id: int | None) -> float:
    in_project = Task.project_id.is_not_distinct_from(project_id)
    return session.scalar(select(func.max(Task.position)).where(in_project)) or 0.0


def _next_position(
    session: Session, row: Any, project_id: int | None, position: float, *, is_before: bool
) -> float:
    """The position of the next task on that side, or a step away when there is none."""
    others = (
        Task.project_id.is_not_distinct_from(project_id),
        Task.deleted_at.is_(None),
        Task.id != row.id,
    )
    if is_before:
        found = session.scalar(select(func.max(Task.position)).where(*others, Task.position < position))
        return position - POSITION_STEP if found is None else found
    found = session.scalar(select(func.min(Task.position)).where(*others, Task.position > position))
    return position + POSITION_STEP if found is None else found


def _renumber(session: Session, project_id: int | None) -> None:
    ordered = (
        select(Task.id, func.row_number().over(order_by=(Task.position, Task.id)).label("rank"))
        .where(Task.project_id.is_not_distinct_from(project_id))
        .subquery()
    )
    session.execute(
        update(Task)
        .where(Task.id == ordered.c.id)
        .values(position=ordered.c.rank * POSITION_STEP)
        .execution_options(synchronize_session=False)
    )


def _descendants(row_ids: Sequence[int]) -> Any:
    """The ids of these tasks and of everything below them. UNION (not ALL) ends even where there is a cycle."""
    below = select(Task.id).where(Task.id.in_(row_ids)).cte("below", recursive=True)
    return below.union(select(Task.id).join(below, Task.parent_id == below.c.id))


def _is_below(session: Session, row_id: int, ancestor_id: int) -> bool:
    below = _descendants([ancestor_id])
    return (
        session.scalar(select(true()).where(select(below.c.id).where(below.c.id == row_id).exists())) or False
    )


TASKS = TaskRecords()
