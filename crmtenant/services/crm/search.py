"""The best matches of a few words among contacts, projects and tasks, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.text.tokens import fold, tsquery

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

FIELDS = ("noun", "id", "title", "subtitle", "kind")

_words = cast(bindparam("words", type_=Text), TSQUERY)
_begun = bindparam("folded", type_=Text)
_per_noun = bindparam("per_noun", type_=Integer)


def _name_of(model: Any, row_id: Any) -> ScalarSelect[Any]:
    """The name of a live row that another refers to."""
    referred = aliased(model)
    return select(referred.name).where(referred.id == row_id, referred.deleted_at.is_(None)).scalar_subquery()


_SUBTITLES: dict[str, ColumnElement[Any]] = {
    "contact": func.coalesce(_name_of(Contact, Contact.organization_id), Contact.emails[0]["value"].astext),
    "project": _name_of(Contact, Project.contact_id),
    "task": _name_of(Project, Task.project_id),
}
_NOUNS: tuple[tuple[str, Any, Any, Any, Any], ...] = (
    ("contact", Contact, Contact.name, Contact.name_key, Contact.kind),
    ("project", Project, Project.name, Project.name_key, Project.status),
    ("task", Task, Task.title, Task.title_key, Task.status),
)


def _matches(place: int) -> Select[Any]:
    """The best of one noun: what is called so comes first, then what has the words in its name, then the newest."""
    noun, model, title, key, kind = _NOUNS[place]
    ranks: list[Label[Any]] = [
        func.starts_with(key, _begun).label("is_begun"),
        (func.strpos(key, _begun) > 0).label("is_named"),
        model.updated_at.label("updated_at"),
    ]
    return (
        select(
            literal(place).label("place"),
            literal(noun).label("noun"),
            model.id.label("id"),
            title.label("title"),
            _SUBTITLES[noun].label("subtitle"),
            kind.label("kind"),
            *ranks,
        )
        .where(model.deleted_at.is_(None), model.search.bool_op("@@")(_words))
        .order_by(*(rank.desc() for rank in ranks), model.id.desc())
        .limit(_per_noun)
    )


_found = union_all(*(select(_matches(place).subquery()) for place in range(len(_NOUNS)))).subquery()
_FOUND = select(*(_found.c[name] for name in FIELDS)).order_by(
    _found.c.place,
    _found.c.is_begun.desc(),
    _found.c.is_named.desc(),
    _found.c.updated_at.desc(),
    _found.c.id.desc(),
)


def find(reader: Reader, words: str, per_noun: int) -> list[dict[str, Any]]:
    """What has each of the words in it, whole or as a beginning: contacts, projects, tasks, the best of each first.

    At most `per_noun` of each. `subtitle` tells namesakes apart and may be None.
    """
    asked = tsquery(words)
    if asked is None:
        return []
    values = {"words": asked, "folded": fold(words.strip()), "per_noun": per_noun}
    return [dict(zip(FIELDS, row, strict=True)) for row in reader.rows(_FOUND, values)]
