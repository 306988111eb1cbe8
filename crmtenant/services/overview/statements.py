"""Statements over every noun of a registry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Text, any_, select, union_all
from sqlalchemy.dialects.postgresql import array


def union_of(parts: Iterable[Select[Any]]) -> Subquery:
    """Return the rows of all parts. Each part is a subquery, so that it keeps an order and a limit of its own."""
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def is_among(column: Any, words: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition of being one of the words. Readers compile statements once, which IN does not allow."""
    condition: ColumnElement[bool] = column == any_(array(list(words), type_=Text))
    return condition
