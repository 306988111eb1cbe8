"""What happened last to the rows of every noun, the trash included, in one statement."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, case, literal, not_, select, true

from crmtenant.services.entities.cascade import went_along
from crmtenant.services.overview.statements import union_of

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

FIELDS = ("noun", "id", "title", "verb", "at", "by")

_limit = bindparam("most", type_=Integer)
_by = bindparam("by", type_=String)


def last(reader: Reader, entities: EntityRegistry, most: int, by: str | None = None) -> list[dict[str, Any]]:
    """Return the last thing that happened to each row, newest first, at most so many; by one person, if given.

    A row is listed once, as it is now: `created`, `changed`, `removed`, or a verb of its noun.
    """
    values: dict[str, Any] = {"most": most} if by is None else {"most": most, "by": by}
    rows = reader.rows(_statement(entities, is_by=by is not None), values)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry, *, is_by: bool) -> Select[Any]:
    happened = union_of(
        part
        for entity in entities
        if entity.is_in_activity
        for part in (_changed(entity, is_by=is_by), _removed(entities, entity, is_by=is_by))
    )
    order = (happened.c.at.desc(), happened.c.noun, happened.c.id.desc())
    return select(*(happened.c[name] for name in FIELDS)).order_by(*order).limit(_limit)


def _changed(entity: EntityType, *, is_by: bool) -> Select[Any]:
    """Select the newest changes of live rows, from the end of an index."""
    model = entity.model
    verbs = [(condition, verb) for verb, condition in entity.activity_verbs.items()]
    verb = case((model.version == 1, "created"), *verbs, else_="changed")
    return (
        _happened(entity, verb, model.updated_at, model.updated_by)
        .where(model.deleted_at.is_(None), model.updated_by == _by if is_by else true())
        .order_by(model.updated_at.desc(), model.id.desc())
    )


def _removed(entities: EntityRegistry, entity: EntityType, *, is_by: bool) -> Select[Any]:
    """Select the rows deleted last, from the end of an index, but for those that merely went along."""
    model = entity.model
    return (
        _happened(entity, literal("removed"), model.deleted_at, model.deleted_by)
        .where(
            model.deleted_at.is_not(None),
            model.deleted_by == _by if is_by else true(),
            not_(went_along(entities, entity)),
        )
        .order_by(model.deleted_at.desc(), model.id.desc())
    )


def _happened(entity: EntityType, verb: ColumnElement[Any], at: Any, by: Any) -> Select[Any]:
    return select(
        literal(entity.name).label("noun"),
        entity.model.id.label("id"),
        entity.title.label("title"),
        verb.label("verb"),
        at.label("at"),
        by.label("by"),
    ).limit(_limit)
