"""Pages of anything, by keyset, in one round trip.

The statements come from a finite set of shapes (which filters, which order, whether after a cursor, whether
counted, beneath which parent) and are built once per shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from crmtenant.errors import NotFound
from crmtenant.services.entities.entity_type import TODAY, VIEWER, EntityType
from crmtenant.services.entities.table_size import constant, is_small

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader

MOST_COUNTED = 1000
"""Of what a filter finds in a large table; more are not counted to the end."""


@dataclass(frozen=True, slots=True)
class StatementShape:
    """The shape of a statement: two requests of the same shape differ only in their values."""

    filters: frozenset[str]
    sort: str
    is_descending: bool
    is_continued: bool
    is_counted: bool
    parent: EntityType | None = None
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page. `after` is the sort value and id of the last item seen; `parent` must exist.

    `fields` are those wanted, `id` first; None is all of them. What is not wanted is not read either. `today` is the
    company's, for nouns of which something depends on it.
    """

    filters: Mapping[str, Any]
    sort: str
    is_descending: bool
    limit: int
    viewer_id: str
    after: tuple[Any, int] | None = None
    is_counted: bool = False
    parent: tuple[EntityType, int] | None = None
    fields: tuple[str, ...] | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its items, the sort value and id to continue after (None on the last page), the total if requested.

    `is_total_least`: there are more than `total`, and nobody counted how many.
    """

    items: list[dict[str, Any]]
    after: tuple[Any, int] | None
    total: int | None
    is_total_least: bool = False


def page(reader: Reader, entity: EntityType, request: PageRequest, *, is_for_json: bool = False) -> Page:
    """Return one page of live rows; `is_for_json` leaves JSON as text, to be sent as it is.

    Raises: `NotFound` when the parent does not exist.
    """
    shape = StatementShape(
        filters=frozenset(request.filters),
        sort=request.sort,
        is_descending=request.is_descending,
        is_continued=request.after is not None,
        is_counted=request.is_counted,
        parent=request.parent[0] if request.parent else None,
        fields=request.fields,
    )
    values: dict[str, Any] = {
        **request.filters,
        "page_limit": request.limit + 1,
        VIEWER: request.viewer_id,
    }
    if request.today is not None:
        values[TODAY] = request.today
    if request.after is not None:
        values["after_value"], values["after_id"] = request.after
    if request.parent is not None:
        values["within_id"] = request.parent[1]
    return _as_page(
        entity, request, reader.rows(page_statement(entity, shape), values, is_for_json=is_for_json)
    )


def find(reader: Reader, entity: EntityType, row_id: int, viewer_id: str, today: date) -> dict[str, Any]:
    """Return the JSON fields of the live row with this id, JSON as text.

    Raises: `NotFound` when there is none.
    """
    values = {"row_id": row_id, VIEWER: viewer_id, TODAY: today}
    row = reader.row(item_statement(entity), values, is_for_json=True)
    if row is None:
        raise NotFound
    return dict(zip(entity.columns, row, strict=True))


def require(session: Session, entity: EntityType, row_id: int) -> None:
    """Raise `NotFound` unless there is such a live row."""
    live = select(entity.model.id).where(entity.model.id == row_id, entity.model.deleted_at.is_(None))
    if session.scalar(live) is None:
        raise NotFound


@lru_cache(maxsize=64)
def item_statement(entity: EntityType) -> Select[Any]:
    """Return the statement that reads one live row by `row_id`."""
    return select(*entity.labelled()).where(
        entity.model.id == bindparam("row_id"), entity.model.deleted_at.is_(None), entity.visible
    )


def _as_page(entity: EntityType, request: PageRequest, rows: list[tuple[Any, ...]]) -> Page:
    """Return the page; a frame puts the total before each row and makes an empty page one row of nulls."""
    has_frame = request.parent is not None or request.is_counted
    if request.parent is not None and not rows:
        raise NotFound
    is_least = request.is_counted and rows[0][0] is None
    total = (MOST_COUNTED if is_least else rows[0][0]) if request.is_counted else None
    if has_frame and rows[0][1] is None:
        return Page([], None, total, is_least)
    fields, start = request.fields or entity.fields, 1 if has_frame else 0
    # Not strict, for the sort value at the end has no name. A slice from 0 is the tuple itself.
    items = [dict(zip(fields, row[start:], strict=False)) for row in rows[: request.limit]]
    if len(rows) <= request.limit:
        return Page(items, None, total, is_least)
    return Page(items, (rows[request.limit - 1][-1], items[-1]["id"]), total, is_least)


@lru_cache(maxsize=1024)
def page_statement(entity: EntityType, shape: StatementShape) -> Select[Any]:
    """Return the statement of this shape. It reads one row more than the limit, to know whether there is a next page."""
    conditions = [
        entity.model.deleted_at.is_(None),
        entity.visible,
        *(entity.filters[name] for name in sorted(shape.filters)),
    ]
    order = entity.sorts[shape.sort]
    page_conditions = list(conditions)
    if shape.is_continued:
        page_conditions.append(_beyond(entity, order, shape.is_descending))
    ids = entity.model.id
    rows = (
        select(*entity.labelled(shape.fields), order.label("sort_value"))
        .where(*page_conditions)
        .order_by(order.desc() if shape.is_descending else order, ids.desc() if shape.is_descending else ids)
        .limit(bindparam("page_limit", type_=Integer))
    )
    if not shape.is_counted and shape.parent is None:
        return rows
    return _framed(entity, shape, rows, conditions)


def _beyond(entity: EntityType, order: Any, is_descending: bool) -> ColumnElement[bool]:
    """Return the condition of coming after the cursor in this order."""
    value = bindparam("after_value", type_=order.type)
    row_id = bindparam("after_id", type_=BigInteger)
    if is_descending:
        return and_(order <= value, or_(order < value, entity.model.id < row_id))
    return and_(order >= value, or_(order > value, entity.model.id > row_id))


def _framed(
    entity: EntityType, shape: StatementShape, rows: Select[Any], conditions: list[ColumnElement[bool]]
) -> Select[Any]:
    """Join the page to its total and its parent, so that both come in the same round trip."""
    total = _total(entity, shape, conditions) if shape.is_counted else literal(None, Integer)
    frame = select(total.label("total"))
    if shape.parent is not None:
        # An alias, because a parent may be of the same table: subtasks, the people of an organisation.
        parent = aliased(shape.parent.model)
        frame = frame.select_from(parent).where(
            parent.id == bindparam("within_id"), parent.deleted_at.is_(None)
        )
    framed, paged = frame.subquery("frame"), rows.subquery("page")
    ordered = paged.c.sort_value
    return (
        select(framed.c.total, *paged.c)
        .select_from(framed.outerjoin(paged, true()))
        .order_by(
            ordered.desc() if shape.is_descending else ordered,
            paged.c.id.desc() if shape.is_descending else paged.c.id,
        )
    )


def _total(entity: EntityType, shape: StatementShape, conditions: list[ColumnElement[bool]]) -> Any:
    """Return the number of rows, null for more than `MOST_COUNTED` that a filter finds in a large table."""
    found = select(literal(1)).select_from(entity.model).where(*conditions)
    exact = select(func.count()).select_from(entity.model).where(*conditions).scalar_subquery()
    if not shape.filters:
        return exact
    some = (
        select(func.count()).select_from(found.limit(constant(MOST_COUNTED + 1)).subquery()).scalar_subquery()
    )
    return case((is_small(entity.model), exact), else_=func.nullif(some, constant(MOST_COUNTED + 1)))
