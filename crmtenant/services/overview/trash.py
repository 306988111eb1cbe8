"""The trash of every noun, newest first, in one statement: a line for each row that was deleted by itself, and what
would come back with it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Select,
    Text,
    all_,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from crmtenant.db.pool.long_statements import allow_long_statements
from crmtenant.services.entities.entity_type import VIEWER
from crmtenant.services.overview.statements import union_of
from crmtenant.services.writing.cascade import went_along
from crmtenant.services.writing.purging import purge_older
from crmtenant.text.tokens import fold

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.change import Actor
    from crmtenant.services.entities.entity_type import BelongsTo, EntityType
    from crmtenant.services.entities.registry import EntityRegistry

FIELDS = ("type", "id", "name", "deleted_at", "deleted_by", "along")

Position = tuple[Any, str, int]
"""Where a page ends: deleted_at, type and id."""

_ORDER = ("deleted_at", "type", "id")
_LIMIT = bindparam("page_limit", type_=Integer)
_NONE = literal_column("'{}'::jsonb", JSONB)


def page(
    reader: Reader,
    entities: EntityRegistry,
    viewer_id: str,
    limit: int,
    after: Position | None,
    words: str | None = None,
) -> list[dict[str, Any]]:
    """Return at most `limit` deleted rows that the viewer may see, those after `after` and with these words in their
    title if given. `along` maps collections to how many rows of theirs would come back too."""
    values: dict[str, Any] = {"page_limit": limit, VIEWER: viewer_id}
    if after is not None:
        values |= zip(("after_deleted_at", "after_type", "after_id"), after, strict=True)
    if words is not None:
        values["patterns"] = [f"%{_escaped(word)}%" for word in fold(words).split()]
    statement = _statement(entities, is_continued=after is not None, is_searched=words is not None)
    found = [dict(zip(FIELDS, row, strict=True)) for row in reader.rows(statement, values)]
    return [{**item, "along": _by_collection(entities, item["along"])} for item in found]


def empty(session: Session, actor: Actor, entities: Iterable[EntityType]) -> None:
    """Delete what is in the trash of these nouns, and the actor may see, for good."""
    allow_long_statements(session)
    for entity in entities:
        purge_older(session, actor, entity, None)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _by_collection(entities: EntityRegistry, along: dict[str, int]) -> dict[str, int]:
    return {entity.collection: along[entity.name] for entity in entities if entity.name in along}


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry, *, is_continued: bool, is_searched: bool) -> Select[Any]:
    parts = (_deleted(entities, one, is_continued=is_continued, is_searched=is_searched) for one in entities)
    found = union_of(parts)
    lines = select(found).order_by(*(found.c[name].desc() for name in _ORDER)).limit(_LIMIT).cte("line")
    counts = _along(entities, lines)
    along = (
        select(func.jsonb_object_agg(counts.c.noun, counts.c.number))
        .where(counts.c.of_type == lines.c.type, counts.c.of_id == lines.c.id)
        .scalar_subquery()
    )
    shown = select(*(lines.c[name] for name in FIELDS[:-1]), func.coalesce(along, _NONE))
    return shown.order_by(*(lines.c[name].desc() for name in _ORDER))


def _deleted(
    entities: EntityRegistry, entity: EntityType, *, is_continued: bool, is_searched: bool
) -> Select[Any]:
    """Select the newest of a noun, from the end of an index."""
    model = entity.model
    order = (model.deleted_at, literal(entity.name), model.id)
    after = (
        bindparam(f"after_{name}", type_=column.type) for name, column in zip(_ORDER, order, strict=True)
    )
    return (
        select(
            literal(entity.name).label("type"),
            model.id,
            entity.title.label("name"),
            model.deleted_at,
            model.deleted_by,
        )
        .where(
            model.deleted_at.is_not(None),
            entity.visible,
            not_(went_along(entities, entity)),
            tuple_(*order) < tuple_(*after) if is_continued else true(),
            _has_words(entity) if is_searched else true(),
        )
        .order_by(model.deleted_at.desc(), model.id.desc())
        .limit(_LIMIT)
    )


def _has_words(entity: EntityType) -> ColumnElement[bool]:
    title = entity.search.key if entity.search else func.lower(entity.title)
    condition: ColumnElement[bool] = title.op("LIKE")(all_(bindparam("patterns", type_=ARRAY(Text))))
    return condition


def _along(entities: EntityRegistry, lines: CTE) -> Any:
    """Return how many rows of which noun were deleted with each line, at any depth."""
    owned = union_all(
        *(_owned(entity, link, lines) for entity in entities for link in entity.belongs_to)
    ).cte("owned")
    itself = select(
        lines.c.type.label("of_type"),
        lines.c.id.label("of_id"),
        lines.c.type.label("noun"),
        lines.c.id,
        lines.c.deleted_at,
    ).cte("along", recursive=True)
    below = select(itself.c.of_type, itself.c.of_id, owned.c.noun, owned.c.id, owned.c.deleted_at).join_from(
        itself,
        owned,
        and_(
            owned.c.owner == itself.c.noun,
            owned.c.owner_id == itself.c.id,
            owned.c.deleted_at == itself.c.deleted_at,
        ),
    )
    along = itself.union(below)
    return (
        select(along.c.of_type, along.c.of_id, along.c.noun, func.count().label("number"))
        .where(or_(along.c.noun != along.c.of_type, along.c.id != along.c.of_id))
        .group_by(along.c.of_type, along.c.of_id, along.c.noun)
        .cte("counted")
    )


def _owned(entity: EntityType, link: BelongsTo, lines: CTE) -> Select[Any]:
    model = entity.model
    return select(
        literal(entity.name).label("noun"),
        model.id,
        literal(link.owner).label("owner"),
        getattr(model, link.column).label("owner_id"),
        model.deleted_at,
    ).where(
        model.deleted_at.in_(select(lines.c.deleted_at)),
        true() if link.type_column is None else getattr(model, link.type_column) == link.owner,
    )
