"""New rows, written past the unit of work and its entities, whose bookkeeping costs more than the insert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert

from crmtenant.clock import now
from crmtenant.db.pool.prepared import execute_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor

Values = dict[str, Any]


def inserted(session: Session, model: Any, rows: Sequence[Values]) -> list[Any]:
    """Write the rows by one statement and return them, to be read. All of them have the same columns."""
    if not rows:
        return []
    assert all(row.keys() == rows[0].keys() for row in rows), "SQLAlchemy takes the columns of the first row"
    if len(rows) == 1:
        return [_inserted_one(session, model, rows[0])]
    ids = session.scalars(_insertion(model), rows).all()
    return [_as_read(model, row, row_id) for row, row_id in zip(rows, ids, strict=True)]


def first_version(actor: Actor) -> Values:
    """Return the columns that say who made a row, and when."""
    moment = now()
    return {
        "created_by": actor.id,
        "updated_by": actor.id,
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
    }


def _inserted_one(session: Session, model: Any, values: Values) -> Any:
    row = {**dict(_defaults(model, values)), **values}
    returned = execute_in(session, _insertion_of_one(model, tuple(row)), row)
    assert returned is not None, "it returns the id"
    return _as_read(model, row, returned[0])


def _as_read(model: Any, row: Values, row_id: int) -> Any:
    """Return the row with all its columns; those that were left out are empty."""
    return SimpleNamespace(**{**_empty(model), **row, "id": row_id})


def _defaults(model: Any, given: Values) -> Iterator[tuple[str, Any]]:
    """Yield the values that the model has for columns that were left out: here nobody else knows them."""
    for name, column in model.__table__.c.items():
        if column.default is not None and name not in given:
            yield name, column.default.arg(None) if column.default.is_callable else column.default.arg


@lru_cache(maxsize=64)
def _empty(model: Any) -> Values:
    return dict.fromkeys(model.__table__.c.keys())


@lru_cache(maxsize=64)
def _insertion(model: Any) -> Any:
    table = model.__table__
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


@lru_cache(maxsize=64)
def _insertion_of_one(model: Any, names: tuple[str, ...]) -> Any:
    table = model.__table__
    given = {name: bindparam(name, type_=table.c[name].type) for name in names}
    return insert(table).values(given).returning(table.c.id)
