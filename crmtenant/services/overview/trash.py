"""The trash of every noun, newest first, in one statement."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Select, bindparam, literal, select, tuple_, union_all

from crmtenant.services.entities.entity_type import VIEWER

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

FIELDS = ("type", "id", "name", "deleted_at", "deleted_by")

Position = tuple[Any, str, int]
"""Where a page ends: deleted_at, type and id."""


def page(
    reader: Reader, entities: EntityRegistry, viewer_id: str, limit: int, after: Position | None
) -> list[dict[str, Any]]:
    """Return at most `limit` deleted rows that the viewer may see, those after `after` if it is given."""
    values: dict[str, Any] = {"page_limit": limit, VIEWER: viewer_id}
    if after is not None:
        values["deleted_at"], values["noun"], values["row_id"] = after
    rows = reader.rows(_statement(entities, is_continued=after is not None), values)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry, *, is_continued: bool) -> Select[Any]:
    deleted = union_all(*map(_deleted, entities)).subquery("deleted")
    order = (deleted.c.deleted_at, deleted.c.type, deleted.c.id)
    rows = (
        select(deleted)
        .order_by(*(column.desc() for column in order))
        .limit(bindparam("page_limit", type_=Integer))
    )
    if not is_continued:
        return rows
    names = ("deleted_at", "noun", "row_id")
    after = (bindparam(name, type_=column.type) for name, column in zip(names, order, strict=True))
    return rows.where(tuple_(*order) < tuple_(*after))


def _deleted(entity: EntityType) -> Select[Any]:
    model = entity.model
    return select(
        literal(entity.name).label("type"),
        model.id,
        entity.title.label("name"),
        model.deleted_at,
        model.deleted_by,
    ).where(model.deleted_at.is_not(None), entity.visible)
