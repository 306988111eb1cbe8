"""Tasks: what can be listed, where they stand on a board, and what completing one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, cast, func, text
from sqlalchemy.dialects.postgresql import TSQUERY, array

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task, TaskLeftColumn, TaskOccurrence
from crmtenant.services.crm.boards import agree, column_in, done_columns, entrance, entrances_of
from crmtenant.services.crm.customer_tasks import is_for_customer
from crmtenant.services.crm.import_rules import TaskImportRules, rule_error
from crmtenant.services.crm.projects import FAR_FUTURE, is_overdue, require_live_project, rests
from crmtenant.services.crm.sheets import TASK_SHEET
from crmtenant.services.crm.subtasks import SUBTASKS, cycle, depth, projects_of, take_subtasks_along
from crmtenant.services.crm.task_completion import Completion, complete, completion, reopen, reopen_above
from crmtenant.services.entities.about import About
from crmtenant.services.entities.change import Actor, Change, Values
from crmtenant.services.entities.entity_type import (
    BelongsTo,
    EntityType,
    SearchFields,
    has_one_of_the_ids,
    name_of,
)
from crmtenant.services.entities.memory import Memory
from crmtenant.services.writing.entity_writer import EntityWriter
from crmtenant.services.writing.ordering import at_end, beside, in_group, placed
from crmtenant.services.writing.references import is_live, unknown_reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_FIELDS = (
    "id", "project_id", "parent_id", "kind", "title", "description", "status", "column_id", "position", "priority",
    "assignee_ids", "contact_id", "start_on", "due_on", "due_at", "estimate_minutes", "labels", "recurrence",
    "completed_at", "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip
_WRITABLE = (
    "project_id", "parent_id", "kind", "title", "title_key", "description", "status", "column_id", "position", "priority",
    "assignee_ids", "contact_id", "start_on", "due_on", "due_at", "estimate_minutes", "labels", "recurrence",
)  # fmt: skip


class TaskWriter(EntityWriter):
    """The writes of tasks."""

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:
        """Return the drafts with a place in their project, which is the parent's if need be, and on its board.

        In a column of done tasks they are done.
        """
        moment = now()
        done = done_columns(session, (draft["column_id"] for draft in drafts))
        homes = projects_of(session, {draft["parent_id"] for draft in drafts} - {None})
        drafts = [{**d, "project_id": d["project_id"] or homes.get(d["parent_id"])} for d in drafts]
        prepared = placed(session, Task.project_id, drafts)
        lost = [values for values in prepared if values["column_id"] is None]
        entrances = entrances_of(session, (values["project_id"] for values in lost))
        for values in lost:
            values["column_id"] = entrance(entrances.get(values["project_id"], {}), values["status"])
        for values in prepared:
            if values["column_id"] in done:
                values["status"] = "done"
            values["completed_at"] = moment if values["status"] == "done" else None
        return prepared

    def field_errors(self, change: Change) -> Iterator[FieldError]:
        """Yield errors where project, column, parent or contact do not exist or do not fit together."""
        values, row = change.values, change.row
        project_id = values["project_id"]
        of_project = row if row is not None and row.project_id == project_id else None
        same_board = BoardColumn.project_id == project_id
        # Held: whoever deletes them meanwhile does not see a task yet that is on its way to them.
        column = [
            *unknown_reference(change, BoardColumn, "column_id", same_board, held_by=of_project, is_held=True)
        ]
        if column or values["column_id"] is None:  # a column that is there is a live project's
            yield from unknown_reference(change, Project, "project_id", held_by=row, is_held=True)
        yield from unknown_reference(change, Contact, "contact_id", held_by=row)
        yield from column
        if row is not None and values["parent_id"] not in (None, row.parent_id):
            yield from cycle(change.session, self.entity, values["parent_id"], row.id)
        same_project = in_group(Task.project_id, project_id)
        # A new subtask is not there yet for whoever takes its parent elsewhere, or deletes it.
        is_new = row is None
        yield from unknown_reference(
            change, Task, "parent_id", same_project, held_by=of_project, is_held=is_new
        )

    def apply(self, session: Session, actor: Actor, row: Any, values: Values, pointer: str = "") -> Any:
        """Set these values and return the task; without a `column_id` it comes into its new project's board."""
        if "column_id" not in values:
            values = {**values, "column_id": column_in(session, row, values["project_id"], values["status"])}
        return super().apply(session, actor, row, values, pointer)

    def settle(self, change: Change) -> None:
        """Make status, column, completion, repetition and subtasks agree with the change."""
        session, actor, row = change.session, change.actor, change.row
        if "project_id" in change.changes:
            take_subtasks_along(session, actor, self.entity, row)
        if row.column_id is not None:
            agree(session, row, change.changes)
        if row.status == "done" and row.completed_at is None:
            complete(session, actor, self, row)
        elif row.status == "open":
            self._settle_open(change)

    def created(self, session: Session, actor: Actor, rows: Sequence[Any]) -> None:
        """Reopen what is above new tasks: there is something to do again."""
        above = {row.parent_id for row in rows if row.status == "open"} - {None}
        if above:
            reopen_above(session, actor, self, above)

    def complete(self, session: Session, actor: Actor, row: Any) -> Any:
        """Complete the task, and what is open below it. One that repeats leaves a new task for the next day of its rule
        that is not past, with its subtasks, and repeats no more itself."""
        return self.change(session, actor, row, {**_as_values(row), "status": "done"})

    def completion(self, session: Session, actor: Actor, row: Any) -> Completion:
        """Return what completing this task did."""
        return completion(session, actor, self, row)

    def reopen(self, session: Session, actor: Actor, row: Any) -> Any:
        """Reopen the task, and what was completed with it; its next occurrence goes into the trash, unless it is done."""
        return self.change(session, actor, row, {**_as_values(row), "status": "open"})

    def move(self, session: Session, actor: Actor, row: Any, target: Mapping[str, Any]) -> Any:
        """Move the task to another project, column or place; `target` is the checked body of the request.

        Raises: `Invalid` when the neighbour it is to stand beside is not in the project, or is the task itself.
        """
        values = _as_values(row)
        if "project_id" in target and target["project_id"] != row.project_id:
            values.update(project_id=target["project_id"], parent_id=None)
            values["column_id"] = column_in(session, row, values["project_id"], values["status"])
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

    def restored(self, change: Change) -> None:
        """Raise `Conflict` while the project, or the task above, is in the trash."""
        session, row = change.session, change.row
        if row.project_id is not None:
            require_live_project(session, row.project_id)
        if row.parent_id is not None and session.get_one(Task, row.parent_id).deleted_at is not None:
            raise Conflict("The task above it is in the trash; restore that first.", code="parent_in_trash")
        if row.parent_id is not None and row.status == "open":
            reopen_above(session, change.actor, self, [row.parent_id])

    def outermost_first(self, rows: Sequence[Any]) -> list[Any]:
        """Return the tasks, each after the one above it."""
        above: dict[int | None, int | None] = {row.id: row.parent_id for row in rows}
        return sorted(rows, key=lambda row: depth(row.id, above))

    def _settle_open(self, change: Change) -> None:
        """Reopen the task if it was done; nothing above an open one is done."""
        session, actor, row = change.session, change.actor, change.row
        is_reopened = row.completed_at is not None
        if is_reopened:
            reopen(session, actor, self, row, keeps_rule="recurrence" in change.changes)
        if row.parent_id is not None and (is_reopened or "parent_id" in change.changes):
            reopen_above(session, actor, self, [row.parent_id])


def _position_beside(
    session: Session, actor: Actor, row: Any, project_id: int | None, neighbour_id: int, side: str
) -> float:
    """Return a position before or after the neighbour."""
    if neighbour_id == row.id:
        raise Invalid(FieldError(f"/{side}", "refers_to_itself", "A task cannot be moved next to itself."))
    if not is_live(session, Task, neighbour_id, in_group(Task.project_id, project_id)):
        raise Invalid(FieldError(f"/{side}", "unknown_reference", "There is no such item to refer to."))
    return beside(session, actor, Task.project_id, row, project_id, neighbour_id, is_before=side == "before")


def _as_values(row: Any) -> Values:
    """Return the columns of a task that a client may write, and its search keys' sources."""
    return {name: getattr(row, name) for name in _WRITABLE}


TASK_WRITER = TaskWriter()

TASK = EntityType(
    name="task",
    collection="tasks",
    model=Task,
    title=Task.title,
    writer=TASK_WRITER,
    columns={name: getattr(Task, name) for name in _FIELDS},
    filters={
        "id": has_one_of_the_ids(Task),
        "project_id": Task.project_id == bindparam("project_id"),
        "parent_id": Task.parent_id == bindparam("parent_id"),
        "column_id": Task.column_id == bindparam("column_id"),
        "assignee_id": Task.assignee_ids.contains(array([bindparam("assignee_id", type_=Text)])),
        "status": Task.status == bindparam("status"),
        "kind": Task.kind == bindparam("kind"),
        "label": Task.labels.contains(array([bindparam("label", type_=Text)])),
        "priority": Task.priority == bindparam("priority"),
        "contact_id": Task.contact_id == bindparam("contact_id"),
        "customer_id": is_for_customer,
        "due_before": Task.due_on < bindparam("due_before"),
        "due_after": Task.due_on > bindparam("due_after"),
        "overdue": func.coalesce(is_overdue, False) == bindparam("overdue"),
        "resting": rests == bindparam("resting"),
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
    belongs_to=(BelongsTo("project", "project_id"), SUBTASKS),
    user_columns=("assignee_ids",),
    goes_on=Task.status == "open",
    tags=Task.labels,
    search=SearchFields(
        key=Task.title_key,
        subtitle=name_of(Project, Task.project_id),
        kind=Task.status,
    ),
    is_in_activity=True,
    is_watched=True,
    # A change that completes a task writes both moments, one right after the other.
    activity_verbs={
        "completed": and_(
            Task.status == "done", Task.completed_at >= Task.updated_at - text("interval '1 second'")
        )
    },
    about=About(contacts=("contact_id",), project="project_id"),
    change_verbs={"completed": ("status", "done"), "reopened": ("status", "open")},
    has_saved_views=True,
    sheet=TASK_SHEET,
    import_rules=TaskImportRules,
    memories=(Memory(TaskOccurrence, rule_error), Memory(TaskLeftColumn)),
)
