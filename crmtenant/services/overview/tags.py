"""The tags in use, in one statement."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, literal, select

from crmtenant.services.overview.statements import union_of

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

MOST_TAGS = 200


def used(reader: Reader, entities: EntityRegistry) -> dict[str, list[dict[str, Any]]]:
    """Return by collection the tags in use, each with the number of rows that have it, the most used first."""
    found: dict[str, list[dict[str, Any]]] = {entity.collection: [] for entity in tagged(entities)}
    for collection, name, count in reader.rows(_statement(entities)):
        found[collection].append({"name": name, "count": count})
    return found


def tagged(entities: EntityRegistry) -> list[EntityType]:
    """Return the nouns that have tags."""
    return [entity for entity in entities if entity.tags is not None]


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry) -> Select[Any]:
    tags = union_of(map(_tags_of, tagged(entities)))
    return select(tags.c.collection, tags.c.name, tags.c.uses).order_by(
        tags.c.collection, tags.c.uses.desc(), tags.c.name
    )


def _tags_of(entity: EntityType) -> Select[Any]:
    """Select the tags of live rows of one noun, each with how many have it."""
    is_live = entity.model.deleted_at.is_(None)
    given = select(func.unnest(entity.tags).label("name")).where(is_live).subquery()
    uses = func.count()
    return (
        select(literal(entity.collection).label("collection"), given.c.name, uses.label("uses"))
        .group_by(given.c.name)
        .order_by(uses.desc(), given.c.name)
        .limit(MOST_TAGS)
    )
