"""What happened last to contacts, projects and tasks, the trash included, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

FIELDS = ("noun", "id", "title", "verb", "at", "by")

_TITLES: dict[str, tuple[Any, Any]] = {
    "contact": (Contact, Contact.name),
    "project": (Project, Project.name),
    "task": (Task, Task.title),
}
_limit = bindparam("most", type_=Integer)
_by = bindparam("by", type_=String)

# A change that completes a task writes both moments, one right after the other.
_was_completed = and_(
    Task.status == "done", Task.completed_at >= Task.updated_at - text("interval '1 second'")
)


def _went_along() -> ColumnElement[bool]:
    """Whether a task in the trash got there with its project, or with the task above it."""
    project, parent = aliased(Project), aliased(Task)
    return or_(
        exists().where(project.id == Task.project_id, project.deleted_at == Task.deleted_at),
        exists().where(parent.id == Task.parent_id, parent.deleted_at == Task.deleted_at),
    )


def _verb(model: Any) -> ColumnElement[Any]:
    whens = [(model.version == 1, "created")]
    if model is Task:
        whens.append((_was_completed, "completed"))
    return case(*whens, else_="changed")


def _alive(noun: str, *, is_by: bool) -> Select[Any]:
    """The newest changes of what is there, from the end of an index."""
    model, title = _TITLES[noun]
    return (
        select(
            literal(noun).label("noun"),
            model.id.label("id"),
            title.label("title"),
            _verb(model).label("verb"),
            model.updated_at.label("at"),
            model.updated_by.label("by"),
        )
        .where(model.deleted_at.is_(None), model.updated_by == _by if is_by else true())
        .order_by(model.updated_at.desc(), model.id.desc())
        .limit(_limit)
    )


def _removed(noun: str, *, is_by: bool) -> Select[Any]:
    """What was thrown away last, from the end of an index; what merely went along is not told."""
    model, title = _TITLES[noun]
    return (
        select(
            literal(noun).label("noun"),
            model.id.label("id"),
            title.label("title"),
            literal("removed").label("verb"),
            model.deleted_at.label("at"),
            model.deleted_by.label("by"),
        )
        .where(
            model.deleted_at.is_not(None),
            model.deleted_by == _by if is_by else true(),
            not_(_went_along()) if model is Task else true(),
        )
        .order_by(model.deleted_at.desc(), model.id.desc())
        .limit(_limit)
    )


def _statement(*, is_by: bool) -> Select[Any]:
    parts = [part(noun, is_by=is_by).subquery() for noun in _TITLES for part in (_alive, _removed)]
    happened = union_all(*map(select, parts)).subquery()
    order = (happened.c.at.desc(), happened.c.noun, happened.c.id.desc())
    return select(*(happened.c[name] for name in FIELDS)).order_by(*order).limit(_limit)


_LAST, _LAST_BY = _statement(is_by=False), _statement(is_by=True)


def last(reader: Reader, most: int, by: str | None = None) -> list[dict[str, Any]]:
    """The last thing that happened to each item, newest first, at most so many; by one person, if given.

    An item is told once, as it stands: `created`, `changed`, `completed` (tasks) or `removed`.
    """
    values: dict[str, Any] = {"most": most} if by is None else {"most": most, "by": by}
    rows = reader.rows(_LAST if by is None else _LAST_BY, values)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]
