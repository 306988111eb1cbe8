"""The tags in use, in one statement.

In a small table they are counted. A large one has them from PostgreSQL's statistics, which are never far from the truth,
and the newest rows, in which a tag may be that the statistics do not have yet (ADR 32).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Float,
    Select,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    table,
    union_all,
)

from crmtenant.db.schema.table_size import constant, estimated_rows, is_small
from crmtenant.services.overview.statements import union_of

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

MOST_TAGS = 200
NEWEST_READ = 500

_STATISTICS = table(
    "pg_stats",
    *(column(name) for name in ("schemaname", "tablename", "attname", "most_common_elems")),
    column("most_common_elem_freqs", ARRAY(Float)),
)


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
    counts_all = is_small(entity.model)
    live = select(entity.tags.label("tags")).where(entity.model.deleted_at.is_(None))
    newest = live.order_by(entity.model.updated_at.desc(), entity.model.id.desc()).limit(
        constant(NEWEST_READ)
    )
    known = union_all(
        _counted(live.where(counts_all)),
        _from_statistics(entity).where(~counts_all),
        _counted(newest.where(~counts_all)),
    ).subquery()
    uses = func.max(known.c.uses)
    return (
        select(literal(entity.collection).label("collection"), known.c.name, uses.label("uses"))
        .group_by(known.c.name)
        .order_by(uses.desc(), known.c.name)
        .limit(MOST_TAGS)
    )


def _counted(rows: Select[Any]) -> Select[Any]:
    given = select(func.unnest(rows.subquery().c.tags).label("name")).subquery()
    return select(given.c.name, func.count().label("uses")).group_by(given.c.name)


def _from_statistics(entity: EntityType) -> Select[Any]:
    """Select what the last ANALYZE found, scaled to the table. The last few frequencies belong to no tag."""
    names = cast(cast(_STATISTICS.c.most_common_elems, Text), ARRAY(Text))
    each = (
        func.unnest(names, _STATISTICS.c.most_common_elem_freqs)
        .table_valued(column("name", Text), column("share", Float))
        .render_derived("each")
        .lateral()
    )
    uses = cast(func.ceil(each.c.share * estimated_rows(entity.model)), BigInteger)
    return (
        select(each.c.name, uses.label("uses"))
        .select_from(_STATISTICS.join(each, each.c.name.is_not(None)))
        .where(
            _STATISTICS.c.schemaname == func.current_schema(),
            _STATISTICS.c.tablename == entity.table.name,
            _STATISTICS.c.attname == entity.tags.key,
        )
    )
