"""The trash."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.response import Response
from pyramid.view import view_config

from crmtenant.api.web import cursor
from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.permissions import Permission
from crmtenant.resources.links import item_path, path_of
from crmtenant.resources.trash import Trash
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.trash import TrashPage, TrashQuery
from crmtenant.services.crm import trash

_COLLECTIONS = {
    "contact": "contacts",
    "project": "projects",
    "column": "columns",
    "task": "tasks",
    "saved_view": "views",
}


class TrashViews:
    """What has been thrown away."""

    def __init__(self, context: Trash, request: Any) -> None:
        self.context = context
        self.request = request

    @view_config(
        context=Trash,
        request_method="GET",
        permission=Permission.TRASH_READ,
        query=TrashQuery,
        out=TrashPage,
        summary="List what has been thrown away",
    )
    def list(self) -> Response:
        """One page, newest first."""
        query = load_query(TrashQuery, query_pairs(self.request))
        tenant = self.context.tenant
        keys, scope = tenant.platform.cursor_keys, f"{tenant.identity.company_id} trash"
        after = None
        if query.cursor is not None:
            (deleted_at, noun), row_id = cursor.read(keys, scope, query.cursor)
            after = (deleted_at, noun, row_id)
        items = trash.page(tenant.reader, tenant.identity.user_id, query.limit + 1, after)
        following = None
        if len(items) > query.limit:
            last = items[query.limit - 1]
            position = cursor.written(keys, scope, ((last["deleted_at"], last["type"]), last["id"]))
            following = f"{path_of(self.context)}?{urlencode({'limit': query.limit, 'cursor': position})}"
        return json_response({"items": [_linked(item) for item in items[: query.limit]], "next": following})


def _linked(item: dict[str, Any]) -> dict[str, Any]:
    address = item_path(_COLLECTIONS[item["type"]], item["id"])
    return {**item, "links": {"restore": f"{address}/restore"}}
