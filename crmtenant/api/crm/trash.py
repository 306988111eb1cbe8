"""The trash."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.response import Response

from crmtenant.api.web import cursor
from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.permissions import Permission
from crmtenant.resources.links import item_path, path_of
from crmtenant.resources.trash import Trash
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.trash import TrashQuery, trash_document
from crmtenant.services.overview import trash


class TrashViews:
    """The trash of all nouns."""

    def __init__(self, context: Trash, request: Any) -> None:
        self.context = context
        self.request = request

    def list(self) -> Response:
        """One page, newest first."""
        query = load_query(TrashQuery, query_pairs(self.request))
        tenant = self.context.tenant
        keys, scope = tenant.platform.cursor_keys, f"{tenant.identity.company_id} trash"
        after = None
        if query.cursor is not None:
            (deleted_at, noun), row_id = cursor.read(keys, scope, query.cursor)
            after = (deleted_at, noun, row_id)
        items = trash.page(tenant.reader, tenant.entities, tenant.identity.user_id, query.limit + 1, after)
        position = following = None
        if len(items) > query.limit:
            last = items[query.limit - 1]
            position = cursor.written(keys, scope, ((last["deleted_at"], last["type"]), last["id"]))
            following = f"{path_of(self.context)}?{urlencode({'limit': query.limit, 'cursor': position})}"
        shown = [self._linked(item) for item in items[: query.limit]]
        return json_response({"items": shown, "next": following, "next_cursor": position})

    def _linked(self, item: dict[str, Any]) -> dict[str, Any]:
        collection = self.context.tenant.entities.by_name[item["type"]].collection
        return {**item, "links": {"restore": f"{item_path(collection, item['id'])}/restore"}}


def includeme(config: Any) -> None:
    """Register the view, whose document names the nouns there are."""
    config.add_view(
        TrashViews,
        attr="list",
        context=Trash,
        request_method="GET",
        permission=Permission.TRASH_READ,
        query=TrashQuery,
        out=trash_document(config.registry.entity_tree.entities.names()),
        summary="List the trash",
    )
