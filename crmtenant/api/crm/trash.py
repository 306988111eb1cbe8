"""The trash."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.web.http import json_response, no_content, query_pairs
from crmtenant.api.web.paging import Paging
from crmtenant.permissions import Permission
from crmtenant.resources.links import item_path, path_of
from crmtenant.resources.trash import Trash, TrashedItem, TrashedRows
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.trash import TrashQuery, trash_document
from crmtenant.services.overview import trash
from crmtenant.services.writing.purging import purge


class TrashViews:
    """The trash of all nouns."""

    def __init__(self, context: Trash, request: Any) -> None:
        self.context = context
        self.request = request

    def list(self) -> Response:
        """One page, newest first: a line for each item that was deleted by itself."""
        query = load_query(TrashQuery, query_pairs(self.request))
        tenant = self.context.tenant
        paging = Paging(tenant, f"trash {query.q or ''}")
        begins = paging.after(query.cursor)
        after = None if begins is None else (*begins[0], begins[1])
        items = trash.page(
            tenant.reader, tenant.entities, tenant.identity.user_id, query.limit + 1, after, query.q
        )
        shown, ends = items[: query.limit], None
        if len(items) > query.limit:
            ends = ((shown[-1]["deleted_at"], shown[-1]["type"]), shown[-1]["id"])
        links = paging.links(path_of(self.context), {"limit": query.limit, "q": query.q or None}, ends)
        return json_response({"items": [*map(self._linked, shown)], **links})

    def empty(self) -> Response:
        """Nothing: everything in the trash that one may see is deleted for good."""
        tenant = self.context.tenant
        tenant.only_deletes()
        trash.empty(tenant.session, tenant.actor, tenant.entities)
        return no_content()

    def _linked(self, item: dict[str, Any]) -> dict[str, Any]:
        collection = self.context.tenant.entities.by_name[item["type"]].collection
        restore = f"{item_path(collection, item['id'])}/restore"
        purge = path_of(self.context, item["type"], str(item["id"]))
        return {**item, "links": {"restore": restore, "purge": purge}}


def empty_of_noun(context: TrashedRows, request: Any) -> Response:  # noqa: ARG001 (the signature of a view)
    """Nothing: all items of this kind in the trash that one may see are deleted for good, with what went along."""
    context.tenant.only_deletes()
    trash.empty(context.tenant.session, context.tenant.actor, [context.entity])
    return no_content()


def purge_item(context: TrashedItem, request: Any) -> Response:  # noqa: ARG001 (the signature of a view)
    """Nothing: the item is deleted for good, with what went along into the trash.

    What referred to it refers to nothing. Its history is kept with the log; nobody is shown it.
    """
    tenant, entity = context.tenant, context.entity
    tenant.only_deletes()
    rows = entity.writer.lock_all(tenant.session, tenant.actor, [context.id], is_deleted=True)
    purge(tenant.session, tenant.actor, entity, [row.id for row in rows])
    return no_content()


def includeme(config: Any) -> None:
    """Register the views, whose documents name the nouns there are."""
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
    config.add_view(
        TrashViews,
        attr="empty",
        context=Trash,
        request_method="DELETE",
        permission=Permission.TRASH_EMPTY,
        status=204,
        operation="empty_trash",
        summary="Delete everything in the trash for good",
    )
    for noun, place in config.registry.entity_tree.trashed.items():
        config.add_view(
            empty_of_noun,
            context=place,
            request_method="DELETE",
            permission=Permission.TRASH_EMPTY,
            status=204,
            operation=f"empty_trash_of_{noun}",
            summary=f"Delete everything of the kind {noun.replace('_', ' ')} in the trash for good",
        )
        config.add_view(
            purge_item,
            context=place.item,
            request_method="DELETE",
            permission=Permission.TRASH_EMPTY,
            status=204,
            operation=f"purge_{noun}",
            summary=f"Delete a {noun.replace('_', ' ')} in the trash for good",
        )
