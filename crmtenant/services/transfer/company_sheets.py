"""The projects and tasks of a company as tables for people: names in place of ids, and nothing from the trash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

ROWS_AT_ONCE = 500

_parent = aliased(Task)
_PROJECTS = (
    select(
        Project.id,
        Project.name,
        Project.status,
        Contact.name.label("contact"),
        Project.owner_id.label("owner"),
        Project.member_ids.label("members"),
        Project.start_on,
        Project.due_on,
        Project.budget_minutes,
        Project.tags,
        Project.description,
        Project.created_at,
        Project.created_by,
        Project.updated_at,
    )
    .outerjoin(Contact, Contact.id == Project.contact_id)
    .where(Project.deleted_at.is_(None))
)
_TASKS = (
    select(
        Task.id,
        Task.title,
        Project.name.label("project"),
        BoardColumn.name.label("column"),
        _parent.title.label("parent"),
        Task.status,
        Task.priority,
        Task.assignee_ids.label("assignees"),
        Contact.name.label("contact"),
        Task.start_on,
        Task.due_on,
        Task.due_at,
        Task.estimate_minutes,
        Task.labels,
        Task.recurrence,
        Task.description,
        Task.completed_at,
        Task.created_at,
        Task.created_by,
        Task.updated_at,
    )
    .outerjoin(Project, Project.id == Task.project_id)
    .outerjoin(BoardColumn, BoardColumn.id == Task.column_id)
    .outerjoin(_parent, _parent.id == Task.parent_id)
    .outerjoin(Contact, Contact.id == Task.contact_id)
    .where(Task.deleted_at.is_(None))
)
_PEOPLE = frozenset({"owner", "members", "assignees", "created_by"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for people: the name of its file, and its rows by id, the first column."""

    file: str
    columns: tuple[str, ...]
    batch: Select[*tuple[Any, ...]]


def _sheet(file: str, rows: Select[*tuple[Any, ...]]) -> Sheet:
    row_id = rows.selected_columns[0]
    batch = rows.where(row_id > bindparam("after")).order_by(row_id).limit(ROWS_AT_ONCE)
    return Sheet(file, tuple(rows.selected_columns.keys()), batch)


SHEETS = (_sheet("projects.csv", _PROJECTS), _sheet("tasks.csv", _TASKS))


def rows_of(sheet: Sheet, reader: Reader, names: Mapping[str, str]) -> Iterator[list[Any]]:
    """Each row's values in the order of the columns. `names` are the people's, by id; who has left stays an id."""
    of_people = [index for index, name in enumerate(sheet.columns) if name in _PEOPLE]
    batch = reader.rows(sheet.batch, {"after": 0})
    while batch:
        for found in batch:
            row = list(found)
            for index in of_people:
                row[index] = _named(row[index], names)
            yield row
        batch = reader.rows(sheet.batch, {"after": batch[-1][0]}) if len(batch) == ROWS_AT_ONCE else []


def _named(people: str | Sequence[str] | None, names: Mapping[str, str]) -> str | list[str] | None:
    if people is None or isinstance(people, str):
        return names.get(people, people) if people else None
    return [names.get(person, person) for person in people]
