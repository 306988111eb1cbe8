"""Pages of anything, by keyset, in one round trip.

The statements come from a finite set of shapes (which filters, which order, whether after a cursor, whether
counted, beneath which parent) and are built once per shape. PostgreSQL writes the items' JSON: one value a row costs
less than one a field, which Python would only write out again (ADR 29).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from crmtenant.db.schema.table_size import constant, is_small
from crmtenant.errors import NotFound
from crmtenant.services.entities.entity_type import TODAY, VIEWER, EntityType

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader

MOST_COUNTED = 1000
"""Of what a filter finds in a large table; more are not counted to the end."""


@dataclass(frozen=True, slots=True)
class StatementShape:
    """The shape of a statement: two requests of the same shape differ only in their values.

    The limit is part of it: not knowing it, the planner expects a tenth of the table.
    """

    filters: frozenset[str]
    sort: str
    is_descending: bool
    is_continued: bool
    is_counted: bool
    limit: int
    parent: EntityType | None = None
    fields: tuple[str, ...] | None = None

    @property
    def has_frame(self) -> bool:
        """Return whether something comes with the page, or must exist for it."""
        return self.is_counted or self.parent is not None


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
    """A page: its items as JSON, the sort value and id to continue after (None on the last page), the total if requested.

    `is_total_least`: there are more than `total`, and nobody counted how many.
    """

    items: list[bytes]
    after: tuple[str, int] | None
    total: int | None
    is_total_least: bool = False


def page(reader: Reader, entity: EntityType, request: PageRequest) -> Page:
    """Return one page of live rows.

    Raises: `NotFound` when the parent does not exist.
    """
    shape = StatementShape(
        filters=frozenset(request.filters),
        sort=request.sort,
        is_descending=request.is_descending,
        is_continued=request.after is not None,
        is_counted=request.is_counted,
        limit=request.limit,
        parent=request.parent[0] if request.parent else None,
        fields=request.fields,
    )
    values: dict[str, Any] = {**request.filters, VIEWER: request.viewer_id}
    if request.today is not None:
        values[TODAY] = request.today
    if request.after is not None:
        values["after_value"], values["after_id"] = request.after
    if request.parent is not None:
        values["within_id"] = request.parent[1]
    # What filters find may be few or nearly all: those plans depend on the values.
    rows = reader.rows(page_statement(entity, shape), values, is_prepared=not request.filters, as_bytes=True)
    return _as_page(request, rows)


def find(reader: Reader, entity: EntityType, row_id: int, viewer_id: str, today: date) -> bytes:
    """Return the live row with this id as JSON.

    Raises: `NotFound` when there is none.
    """
    values = {"row_id": row_id, VIEWER: viewer_id, TODAY: today}
    row = reader.row(item_statement(entity), values, is_prepared=True, as_bytes=True)
    if row is None:
        raise NotFound
    (text,) = row
    return bytes(text)


def require(session: Session, entity: EntityType, row_id: int) -> None:
    """Raise `NotFound` unless there is such a live row."""
    live = select(entity.model.id).where(entity.model.id == row_id, entity.model.deleted_at.is_(None))
    if session.scalar(live) is None:
        raise NotFound


@lru_cache(maxsize=64)
def item_statement(entity: EntityType) -> Select[Any]:
    """Return the statement that reads one live row by `row_id`, as JSON."""
    item = (
        select(*map(as_json_value, entity.labelled()))
        .where(entity.model.id == bindparam("row_id"), entity.model.deleted_at.is_(None), entity.visible)
        .subquery("item")
    )
    return select(cast(func.row_to_json(item.table_valued()), Text))


def json_of(row: Subquery, fields: Iterable[str]) -> ColumnElement[str]:
    """Return these fields of a row as JSON."""
    item = select(*(as_json_value(row.c[name]) for name in fields)).correlate(row).lateral("item")
    return cast(select(func.row_to_json(item.table_valued())).scalar_subquery(), Text)


def as_json_value(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the column, moments as we write them: connections are in UTC, so Z is what they mean."""
    if not isinstance(column.type, DateTime):
        return column
    written = func.to_char(column, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""))
    whole = func.replace(written, literal_column("'.000000Z'"), literal_column("'Z'"))
    return whole.label(column.name)


def _as_page(request: PageRequest, rows: list[tuple[Any, ...]]) -> Page:
    """Return the page; a frame puts the total before each row and makes an empty page one row of nulls."""
    total, is_least = None, False
    if request.parent is not None or request.is_counted:
        if not rows:
            raise NotFound
        is_least = request.is_counted and rows[0][0] is None
        total = MOST_COUNTED if is_least else rows[0][0]
        rows = [row[1:] for row in rows if row[2] is not None]
    items = [row[0] for row in rows[: request.limit]]
    if len(rows) <= request.limit:
        return Page(items, None, total, is_least)
    _, row_id, sort_value = rows[request.limit - 1]
    return Page(items, (sort_value.decode(), row_id), total, is_least)


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
    fields = shape.fields or entity.fields
    read = (
        select(*entity.labelled(fields), order.label("sort_value"))
        .where(*page_conditions)
        .order_by(order.desc() if shape.is_descending else order, ids.desc() if shape.is_descending else ids)
        .limit(literal_column(str(shape.limit + 1), Integer))
    )
    # Written outside: within, what does not come onto the page might be written too, before it is sorted.
    page = read.subquery("page")
    order, ids = page.c.sort_value, page.c.id
    rows = select(json_of(page, fields), ids, cast(order, Text)).order_by(
        order.desc() if shape.is_descending else order, ids.desc() if shape.is_descending else ids
    )
    return _framed(entity, shape, rows, page, conditions) if shape.has_frame else rows


def _beyond(entity: EntityType, order: Any, is_descending: bool) -> ColumnElement[bool]:
    """Return the condition of coming after the cursor in this order."""
    value = bindparam("after_value", type_=order.type)
    row_id = bindparam("after_id", type_=BigInteger)
    if is_descending:
        return and_(order <= value, or_(order < value, entity.model.id < row_id))
    return and_(order >= value, or_(order > value, entity.model.id > row_id))


def _framed(
    entity: EntityType,
    shape: StatementShape,
    rows: Select[Any],
    page: Subquery,
    conditions: list[ColumnElement[bool]],
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
    framed = frame.subquery("frame")
    return rows.with_only_columns(framed.c.total, *rows.selected_columns).select_from(
        framed.outerjoin(page, true())
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
