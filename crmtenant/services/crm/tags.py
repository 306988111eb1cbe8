"""The tags and labels in use, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, literal, select, union_all

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

MOST_TAGS = 200

_COLUMNS: dict[str, tuple[Any, Any]] = {
    "contacts": (Contact, Contact.tags),
    "projects": (Project, Project.tags),
    "tasks": (Task, Task.labels),
}


def _used(collection: str) -> Select[Any]:
    """The tags of one kind of live row, each with how many have it."""
    model, column = _COLUMNS[collection]
    given = select(func.unnest(column).label("name")).where(model.deleted_at.is_(None)).subquery()
    uses = func.count()
    return (
        select(literal(collection).label("collection"), given.c.name, uses.label("uses"))
        .group_by(given.c.name)
        .order_by(uses.desc(), given.c.name)
        .limit(MOST_TAGS)
    )


_all = union_all(*(select(_used(collection).subquery()) for collection in _COLUMNS)).subquery()
_USED = select(_all.c.collection, _all.c.name, _all.c.uses).order_by(
    _all.c.collection, _all.c.uses.desc(), _all.c.name
)


def used(reader: Reader) -> dict[str, list[dict[str, Any]]]:
    """The tags of contacts, projects and tasks with the number of rows that have them, the most used first."""
    found: dict[str, list[dict[str, Any]]] = {collection: [] for collection in _COLUMNS}
    for collection, name, count in reader.rows(_USED):
        found[collection].append({"name": name, "count": count})
    return found
