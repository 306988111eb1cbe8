"""What happened last to the rows of every noun, the trash included, in one statement: as the log says it.

What a batch did is one line. What is older than the log is told by the rows themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from crmtenant.models.tenant.change import Batch, LoggedChange
from crmtenant.services.changes.batches import COMPANY
from crmtenant.services.changes.written import MOVED, REMOVED
from crmtenant.services.entities.entity_type import VIEWER
from crmtenant.services.overview.statements import is_among, union_of
from crmtenant.services.writing.cascade import went_along

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

FIELDS = ("noun", "id", "title", "verb", "at", "by", "fields", "batch_id", "count")

LINES_FOR_EACH = 20
"""So many lines of the log are looked at for each that is wanted: of a row changed again and again, the last is told."""

_limit = bindparam("most", type_=Integer)
_by = bindparam("by", type_=String)
_viewer = bindparam(VIEWER, type_=Text)
_NO_FIELDS = cast(literal("[]"), JSONB)


def last(
    reader: Reader, entities: EntityRegistry, viewer_id: str, most: int, by: str | None = None
) -> list[dict[str, Any]]:
    """Return what happened last, newest first, at most so much; by one person, if given.

    A row is listed once, under the verb of its last change. A batch is a line of its own, which names one of its rows
    and counts them.
    """
    values: dict[str, Any] = {"most": most, VIEWER: viewer_id}
    if by is not None:
        values["by"] = by
    rows = reader.rows(_statement(entities, is_by=by is not None), values)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry, *, is_by: bool) -> Select[Any]:
    listed = [entity for entity in entities if entity.is_in_activity]
    names = [entity.name for entity in listed]
    acts = _acts(names, is_by=is_by)
    happened = union_of(
        part
        for entity in listed
        for part in (
            _told(entity, acts, is_by=is_by),
            _changed_before(entity, is_by=is_by),
            _removed_before(entities, entity, is_by=is_by),
        )
    )
    order = (happened.c.at.desc(), happened.c.noun, happened.c.id.desc())
    return select(*(happened.c[name] for name in FIELDS)).order_by(*order).limit(_limit)


def _acts(names: list[str], *, is_by: bool) -> CTE:
    """Select the last act of each row, and of batches."""
    found = union_all(_lines(names, is_by=is_by), _batches(names, is_by=is_by)).subquery("found")
    row = (found.c.noun, found.c.id, found.c.count > 1)
    return (
        select(found)
        .ext(distinct_on(*row))
        .order_by(*row, found.c.at.desc(), found.c.version.desc())
        .cte("acts")
    )


def _lines(names: list[str], *, is_by: bool) -> Select[Any]:
    """Select the newest lines of the log but for those of batches, from the end of an index."""
    log = LoggedChange
    lines = (
        select(
            log.noun,
            log.row_id.label("id"),
            log.verb,
            log.at,
            log.by,
            func.jsonb_path_query_array(log.changes, literal_column("'$.keyvalue().key'")).label("fields"),
            null().cast(BigInteger).label("batch_id"),
            literal(1, Integer).label("count"),
            log.version,
        )
        .where(
            log.batch_id.is_(None),
            log.verb != literal_column(f"'{MOVED}'"),
            is_among(log.noun, names),
            or_(log.audience.is_(None), log.audience == _viewer),
            log.by == _by if is_by else true(),
        )
        .order_by(log.seq.desc())
        .limit(_limit * LINES_FOR_EACH)
        .subquery("lines")
    )
    return select(lines)


def _batches(names: list[str], *, is_by: bool) -> Select[Any]:
    """Select the newest batches that were not undone, each as one of the rows that it wrote."""
    summary = Batch.summary
    first, audience = summary["first"], summary["audience"].astext
    batches = (
        select(
            first["noun"].astext.label("noun"),
            cast(first["id"].astext, BigInteger).label("id"),
            first["verb"].astext.label("verb"),
            Batch.at,
            Batch.by,
            _NO_FIELDS.label("fields"),
            Batch.id.label("batch_id"),
            cast(first["count"].astext, Integer).label("count"),
            null().cast(BigInteger).label("version"),
        )
        .where(
            Batch.undone_at.is_(None),
            is_among(Batch.noun, [*names, COMPANY]),
            or_(audience.is_(None), audience == _viewer),
            Batch.by == _by if is_by else true(),
        )
        .order_by(Batch.id.desc())
        .limit(_limit)
        .subquery("batches")
    )
    return select(batches)


def _told(entity: EntityType, acts: CTE, *, is_by: bool) -> Select[Any]:
    """Select the acts on rows of this noun; what a row alone was last is told only if it still is."""
    model = entity.model
    is_as_told = and_(
        (acts.c.verb == REMOVED) == model.deleted_at.is_not(None),
        model.updated_by == _by if is_by else true(),
    )
    at = case((model.version == acts.c.version, model.updated_at), else_=acts.c.at)
    shown = (acts.c.verb, at, acts.c.by, acts.c.fields, acts.c.batch_id, acts.c["count"])
    return (
        _happened(entity, *shown)
        .join(acts, and_(acts.c.noun == literal(entity.name, Text), acts.c.id == model.id))
        .where(or_(acts.c["count"] > 1, is_as_told))
        .order_by(at.desc())
    )


_begin = func.coalesce(
    select(LoggedChange.at).order_by(LoggedChange.seq).limit(literal_column("1")).scalar_subquery(),
    literal_column("'infinity'::timestamptz"),
)
"""When the log begins."""


def _is_older(entity: EntityType, at: Any) -> tuple[ColumnElement[bool], ...]:
    log = LoggedChange
    in_log = exists().where(log.noun == literal(entity.name, Text), log.row_id == entity.model.id)
    return at <= _begin, not_(in_log)


def _changed_before(entity: EntityType, *, is_by: bool) -> Select[Any]:
    """Select the newest changes of live rows that are older than the log, from the end of an index."""
    model = entity.model
    verbs = [(condition, verb) for verb, condition in entity.activity_verbs.items()]
    verb = case((model.version == 1, "created"), *verbs, else_="changed")
    return (
        _happened(entity, *_by_itself(verb, model.updated_at, model.updated_by))
        .where(
            model.deleted_at.is_(None),
            model.updated_by == _by if is_by else true(),
            *_is_older(entity, model.updated_at),
        )
        .order_by(model.updated_at.desc(), model.id.desc())
    )


def _removed_before(entities: EntityRegistry, entity: EntityType, *, is_by: bool) -> Select[Any]:
    """Select the rows deleted last before the log begins, but for those that merely went along."""
    model = entity.model
    return (
        _happened(entity, *_by_itself(literal(REMOVED), model.deleted_at, model.deleted_by))
        .where(
            model.deleted_at.is_not(None),
            model.deleted_by == _by if is_by else true(),
            not_(went_along(entities, entity)),
            *_is_older(entity, model.deleted_at),
        )
        .order_by(model.deleted_at.desc(), model.id.desc())
    )


def _by_itself(verb: Any, at: Any, by: Any) -> Iterator[Any]:
    """Yield the columns of what a row says of itself."""
    yield from (verb, at, by, _NO_FIELDS, null().cast(BigInteger), literal(1, Integer))


def _happened(entity: EntityType, *shown: Any) -> Select[Any]:
    """Select these columns of what happened to rows of the noun, at most as many as are wanted."""
    names = FIELDS[FIELDS.index("verb") :]
    return select(
        literal(entity.name).label("noun"),
        entity.model.id.label("id"),
        entity.title.label("title"),
        *(column.label(name) for column, name in zip(shown, names, strict=True)),
    ).limit(_limit)
