"""Projects: what can be listed, their progress, and what goes with them into the trash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Date, Integer, Text, any_, bindparam, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import TSQUERY, array

from crmtenant.errors import Conflict, FieldError
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.entities.listing import EntityType, has_one_of_the_ids
from crmtenant.services.entities.ordering import STEP, placed
from crmtenant.services.entities.writing import Actor, EntityWriter, Values, touched, unknown_reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

DEFAULT_COLUMNS = (("To do", False), ("In progress", False), ("Done", True))
FAR_FUTURE = cast("9999-12-31", Date)

_of_project = (Task.project_id == Project.id, Task.deleted_at.is_(None))
_is_done = Task.status == "done"
_task_counts = (
    select(
        func.json_build_object(
            "total", func.count(),
            "open", func.count().filter(~_is_done),
            "done", func.count().filter(_is_done),
            "overdue", func.count().filter(~_is_done, Task.due_on < func.current_date()),
        )
    ).where(*_of_project).correlate(Project).scalar_subquery()
)  # fmt: skip
_progress = (
    select(
        case(
            (func.count() == 0, 0),
            else_=cast(func.count().filter(_is_done) * 100 / func.count(), Integer),
        )
    )
    .where(*_of_project)
    .correlate(Project)
    .scalar_subquery()
)

PROJECT = EntityType(
    name="project",
    model=Project,
    columns={
        "id": Project.id,
        "name": Project.name,
        "description": Project.description,
        "status": Project.status,
        "contact_id": Project.contact_id,
        "owner_id": Project.owner_id,
        "member_ids": Project.member_ids,
        "start_on": Project.start_on,
        "due_on": Project.due_on,
        "budget_minutes": Project.budget_minutes,
        "color": Project.color,
        "tags": Project.tags,
        "progress": _progress,
        "task_counts": _task_counts,
        "created_at": Project.created_at,
        "updated_at": Project.updated_at,
        "created_by": Project.created_by,
        "updated_by": Project.updated_by,
        "version": Project.version,
    },
    filters={
        "id": has_one_of_the_ids(Project),
        "status": Project.status == any_(bindparam("status", type_=ARRAY(Text))),
        "contact_id": Project.contact_id == bindparam("contact_id"),
        "owner_id": Project.owner_id == bindparam("owner_id"),
        "member_id": Project.member_ids.contains(array([bindparam("member_id", type_=Text)])),
        "due_before": Project.due_on < bindparam("due_before"),
        "due_after": Project.due_on > bindparam("due_after"),
        "tag": Project.tags.contains(array([bindparam("tag", type_=Text)])),
        "created_after": Project.created_at > bindparam("created_after"),
        "updated_after": Project.updated_at > bindparam("updated_after"),
        "q": Project.search.bool_op("@@")(cast(bindparam("q", type_=Text), TSQUERY)),
    },
    sorts={
        "name": Project.name_key,
        "status": Project.status,
        "due_on": func.coalesce(Project.due_on, FAR_FUTURE),
        "created_at": Project.created_at,
        "updated_at": Project.updated_at,
    },
)

COLUMN = EntityType(
    name="column",
    model=BoardColumn,
    columns={
        name: getattr(BoardColumn, name)
        for name in (
            "id", "project_id", "name", "position", "color", "task_limit", "is_done",
            "created_at", "updated_at", "created_by", "updated_by", "version",
        )
    },
    filters={"project_id": BoardColumn.project_id == bindparam("project_id")},
    sorts={"position": BoardColumn.position, "created_at": BoardColumn.created_at},
)  # fmt: skip


class ProjectRecords(EntityWriter):
    """The writes of projects. A new one gets a board; a thrown away one takes its tasks along."""

    noun = PROJECT
    people = ("owner_id", "member_ids")

    def field_errors(self, session: Session, values: Values, row: Any) -> Iterator[FieldError]:
        """Where the customer does not exist."""
        yield from unknown_reference(session, Contact, values, "contact_id", row)

    def created(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; each new project has the usual three columns."""
        session.add_all(
            BoardColumn(
                project_id=row.id,
                name=name,
                position=STEP * index,
                is_done=is_done,
                created_by=actor.id,
                updated_by=actor.id,
            )
            for row in rows
            for index, (name, is_done) in enumerate(DEFAULT_COLUMNS, start=1)
        )
        session.flush()

    def removed(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; the projects' columns and tasks are in the trash too, at the same moment."""
        mark = {"deleted_at": rows[0].deleted_at, "deleted_by": actor.id}
        for model in (BoardColumn, Task):
            belongs = model.project_id.in_([row.id for row in rows])
            _mark(session, actor, model, mark, belongs, model.deleted_at.is_(None))

    def restored(self, session: Session, actor: Actor, row: Item, thrown_away_at: datetime) -> None:
        """Nothing comes back; the columns and tasks that went with the project are back."""
        mark = {"deleted_at": None, "deleted_by": None}
        for model in (BoardColumn, Task):
            _mark(session, actor, model, mark, model.project_id == row.id, model.deleted_at == thrown_away_at)


class ColumnRecords(EntityWriter):
    """The writes of board columns."""

    noun = COLUMN

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:
        """The drafts with a position each, after the columns that are there."""
        return placed(session, BoardColumn.project_id, drafts)

    def field_errors(self, session: Session, values: Values, row: Any) -> Iterator[FieldError]:
        """Where the project does not exist, or is another than it was."""
        if row is not None and values["project_id"] != row.project_id:
            yield FieldError("/project_id", "read_only_field", "A column stays on the board it was made for.")
        else:
            yield from unknown_reference(session, Project, values, "project_id", row, is_held=True)

    def removed(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; the columns' tasks stay in their project, in no column."""
        _mark(session, actor, Task, {"column_id": None}, Task.column_id.in_([row.id for row in rows]))

    def restored(self, session: Session, actor: Actor, row: Any, thrown_away_at: datetime) -> None:  # noqa: ARG002
        """Nothing comes back; `Conflict` while the project is thrown away."""
        require_live_project(session, row.project_id)


def require_live_project(session: Session, project_id: int) -> None:
    """Nothing comes back; `Conflict` while the project is in the trash."""
    if session.get_one(Project, project_id).deleted_at is not None:
        raise Conflict("The project is in the trash; restore that first.", code="parent_in_trash")


def _mark(session: Session, actor: Actor, model: Any, values: Values, *conditions: Any) -> None:
    """Nothing comes back; the rows have these values and are a version further."""
    session.execute(
        update(model)
        .where(*conditions)
        .values(**values, **touched(model, actor))
        .execution_options(synchronize_session=False)
    )


PROJECTS = ProjectRecords()
COLUMNS = ColumnRecords()
