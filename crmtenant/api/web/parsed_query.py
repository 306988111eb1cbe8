"""Parsed queries of lists, cached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from crmtenant.api.web.http import pairs_of
from crmtenant.schemas.base import load_query
from crmtenant.schemas.query import Query

QUERIES_KEPT = 512


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query, its filters, and the parameters repeated in the address of the next page, ending in &."""

    query: Query
    filters: Mapping[str, Any]
    but_cursor: str


@lru_cache(maxsize=QUERIES_KEPT)
def parse_query(model: type[Query], text: str, region: str | None, zone: tzinfo) -> ParsedQuery:
    """Return the parsed query. Cached, because clients send the same few again and again; no results are."""
    pairs = pairs_of(text)
    query = load_query(model, pairs, context={"region": region, "zone": zone})
    filters, words = query.filters(), query.words()
    if words is not None:
        filters["q"] = words
    kept = urlencode([(name, value) for name, value in pairs if name != "cursor"])
    return ParsedQuery(query, filters, f"{kept}&" if kept else "")
