"""New rows, written past the unit of work, whose bookkeeping costs more than the insert."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def inserted(session: Session, model: Any, rows: Sequence[dict[str, Any]]) -> list[Any]:
    """Write the rows by one statement and return them. All of them have the same columns."""
    if not rows:
        return []
    assert all(row.keys() == rows[0].keys() for row in rows), "SQLAlchemy takes the columns of the first row"
    # One row is executed as such: for several, SQLAlchemy builds the statement anew.
    given: Any = rows[0] if len(rows) == 1 else rows
    ids = session.scalars(_insertion(model), given).all()
    return [model(**row, id=row_id) for row_id, row in zip(ids, rows, strict=True)]


@lru_cache(maxsize=64)
def _insertion(model: Any) -> Any:
    table = model.__table__
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)
