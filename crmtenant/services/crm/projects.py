"""Projects: what can be listed, and their progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import (
    ARRAY,
    Date,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY, array

from crmtenant.errors import Conflict, FieldError
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.sheets import PROJECT_SHEET
from crmtenant.services.entities.about import About
from crmtenant.services.entities.change import Actor, Change
from crmtenant.services.entities.entity_type import (
    TODAY,
    EntityType,
    SearchFields,
    has_one_of_the_ids,
    name_of,
)
from crmtenant.services.writing.entity_writer import EntityWriter
from crmtenant.services.writing.ordering import STEP
from crmtenant.services.writing.references import unknown_reference
from crmtenant.text.languages import ENGLISH, GERMAN, spoken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

#: The columns of a new board by language; the last is where tasks are done.
DEFAULT_COLUMNS = {
    ENGLISH: ("To do", "In progress", "Done"),
    GERMAN: ("Zu erledigen", "In Arbeit", "Erledigt"),
}
FAR_FUTURE = cast("9999-12-31", Date)
RESTING = ("on_hold", "done", "archived")
"""The states in which a project rests, and with it all of its tasks: none of them is overdue."""

is_resting = or_(*(Project.status == status for status in RESTING))
rests = exists().where(Project.id == Task.project_id, is_resting)
"""Whether a task rests with its project."""
_is_late = Task.due_on < bindparam(TODAY, type_=Date)
is_overdue = and_(Task.status == "open", _is_late, ~rests)
"""Whether a task is open and its day over."""

_of_project = (Task.project_id == Project.id, Task.deleted_at.is_(None))
_is_done = Task.status == "done"
_task_counts = (
    select(
        func.json_build_object(
            "total", func.count(),
            "open", func.count().filter(~_is_done),
            "done", func.count().filter(_is_done),
            "overdue", func.count().filter(~_is_done, ~is_resting, _is_late),
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


class ProjectWriter(EntityWriter):
    """The writes of projects. A new one gets a board."""

    def field_errors(self, change: Change) -> Iterator[FieldError]:
        """Yield an error where the customer does not exist."""
        yield from unknown_reference(change, Contact, "contact_id", held_by=change.row)

    def created(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Give each new project the usual three columns, in the company's language."""
        names = _default_columns(actor.language)
        session.add_all(
            BoardColumn(
                project_id=row.id,
                name=name,
                position=STEP * index,
                is_done=index == len(names),
                created_by=actor.id,
                updated_by=actor.id,
            )
            for row in rows
            for index, name in enumerate(names, start=1)
        )
        session.flush()


def _default_columns(language: str | None) -> tuple[str, ...]:
    return DEFAULT_COLUMNS[spoken(language)]


PROJECT = EntityType(
    name="project",
    collection="projects",
    model=Project,
    title=Project.name,
    writer=ProjectWriter(),
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
    user_columns=("owner_id", "member_ids"),
    goes_on=and_(Project.status != "done", Project.status != "archived"),
    tags=Project.tags,
    search=SearchFields(
        key=Project.name_key,
        subtitle=name_of(Contact, Project.contact_id),
        kind=Project.status,
    ),
    is_in_activity=True,
    is_watched=True,
    about=About(contacts=("contact_id",), project="id"),
    has_saved_views=True,
    sheet=PROJECT_SHEET,
)


def require_live_project(session: Session, project_id: int) -> None:
    """Raise `Conflict` while the project is in the trash."""
    if session.get_one(Project, project_id).deleted_at is not None:
        raise Conflict("The project is in the trash; restore that first.", code="parent_in_trash")
