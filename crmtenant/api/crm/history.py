"""The history of each item of every noun."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.api.web.paging import Paging
from crmtenant.resources.base import Item
from crmtenant.resources.links import path_of
from crmtenant.schemas.base import load_query
from crmtenant.schemas.history import HistoryOut, HistoryQuery
from crmtenant.services.overview import history


def read_history(context: Item, request: Any) -> Response:
    """Who changed what, when, from what to what: newest first.

    What one person changes within ten minutes is one line.
    """
    query = load_query(HistoryQuery, query_pairs(request))
    tenant, entity = context.tenant, context.entity
    paging = Paging(tenant, f"history {entity.name} {context.id}")
    _, after = paging.after(query.cursor) or (None, None)
    found = history.page(tenant.reader, entity, context.id, tenant.identity.user_id, query.limit, after)
    last = None if found.after is None else (None, found.after)
    links = paging.links(path_of(context, "history"), {"limit": query.limit}, last)
    return json_response({"items": found.lines, **links})


def includeme(config: Any) -> None:
    """Register the view for the items of every noun."""
    for one in config.registry.registrations:
        place = one.collection.item
        config.add_view(
            read_history,
            context=place,
            name="history",
            request_method="GET",
            permission=f"{one.access}:read",
            query=HistoryQuery,
            out=HistoryOut,
            operation=f"read_{place.entity.name}_history",
            summary=f"Read the history of a {place.entity.name.replace('_', ' ')}",
        )
