"""How many rows a table has by PostgreSQL's own estimate: what is exact in a small table is bounded in a large one (ADR 32)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, ScalarSelect, column, literal_column, select, table

SMALL = 20_000
"""Rows that can all be looked at within a request. Nearly every company has fewer of everything."""

_CLASSES = table("pg_class", column("oid"), column("reltuples", Float))


def estimated_rows(model: Any) -> ScalarSelect[float]:
    """Return the estimate, which costs next to nothing; -1 for a table that was never analysed."""
    oid: ColumnElement[Any] = literal_column(f"'{model.__tablename__}'::regclass")
    return select(_CLASSES.c.reltuples).where(_CLASSES.c.oid == oid).scalar_subquery()


def is_small(model: Any) -> ColumnElement[bool]:
    """Return the condition that the table is small: whatever else a statement has for large ones is not done."""
    return estimated_rows(model) <= constant(SMALL)


def constant(number: int) -> ColumnElement[int]:
    """Return a number that is part of the statement: the planner is to know it, prepared or not."""
    return literal_column(str(number), Integer)
