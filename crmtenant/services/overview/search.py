"""The best matches of a few words among all nouns that can be searched, in one statement."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Label, Select, Text, bindparam, cast, func, literal, select, union
from sqlalchemy.dialects.postgresql import TSQUERY

from crmtenant.db.schema.table_size import constant
from crmtenant.services.overview.statements import union_of
from crmtenant.text.search_query import tsquery
from crmtenant.text.tokens import fold

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

FIELDS = ("noun", "id", "title", "subtitle", "kind")

_words = cast(bindparam("words", type_=Text), TSQUERY)
_folded = bindparam("folded", type_=Text)
_behind = bindparam("behind", type_=Text)
_per_noun = bindparam("per_noun", type_=Integer)

MOST_RANKED = 100
"""Of what is found of a noun, the newest are ranked, and the titles that begin so: of a word that half of all have,
nobody could look at all."""
_LAST_CHARACTER = chr(0x10FFFF)


def find(reader: Reader, entities: EntityRegistry, words: str, per_noun: int) -> list[dict[str, Any]]:
    """Return what has each of the words in it, whole or as a beginning: noun by noun, the best of each first.

    At most `per_noun` of each. `subtitle` tells namesakes apart and may be None.
    """
    query = tsquery(words)
    if query is None:
        return []
    folded = fold(words.strip())
    values = {"words": query, "folded": folded, "behind": folded + _LAST_CHARACTER, "per_noun": per_noun}
    return [dict(zip(FIELDS, row, strict=True)) for row in reader.rows(_statement(entities), values)]


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry) -> Select[Any]:
    found = union_of(_matches(place, entity) for place, entity in enumerate(entities) if entity.search)
    return select(*(found.c[name] for name in FIELDS)).order_by(
        found.c.place,
        found.c.is_begun.desc(),
        found.c.is_named.desc(),
        found.c.updated_at.desc(),
        found.c.id.desc(),
    )


def _matches(place: int, entity: EntityType) -> Select[Any]:
    """Select the best of one noun: titles that begin so first, then titles with the words in them, then the newest."""
    model, fields = entity.model, entity.search
    assert fields is not None
    ranks: list[Label[Any]] = [
        func.starts_with(fields.key, _folded).label("is_begun"),
        (func.strpos(fields.key, _folded) > 0).label("is_named"),
        model.updated_at.label("updated_at"),
    ]
    return (
        select(
            literal(place).label("place"),
            literal(entity.name).label("noun"),
            model.id.label("id"),
            entity.title.label("title"),
            fields.subtitle.label("subtitle"),
            fields.kind.label("kind"),
            *ranks,
        )
        .where(model.id.in_(_ranked(model, fields.key)), model.search.bool_op("@@")(_words))
        .order_by(*(rank.desc() for rank in ranks), model.id.desc())
        .limit(_per_noun)
    )


def _ranked(model: Any, key: Any) -> Any:
    """Select the ids of the newest matches, and of the newest rows with titles that begin so, from the ends of indexes."""
    newest_first = (model.updated_at.desc(), model.id.desc())
    live = select(model.id).where(model.deleted_at.is_(None)).order_by(*newest_first)
    found = live.where(model.search.bool_op("@@")(_words)).limit(constant(MOST_RANKED))
    begun = live.where(key >= _folded, key < _behind).limit(_per_noun)
    return union(select(found.subquery()), select(begun.subquery()))
