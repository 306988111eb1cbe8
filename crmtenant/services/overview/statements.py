"""Statements over every noun of a registry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Subquery, select, union_all


def union_of(parts: Iterable[Select[Any]]) -> Subquery:
    """Return the rows of all parts. Each part is a subquery, so that it keeps an order and a limit of its own."""
    return union_all(*(select(part.subquery()) for part in parts)).subquery()
