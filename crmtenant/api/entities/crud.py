"""Listing, reading, creating, changing, removing and restoring: once, for every noun.

A noun registers itself with `add_entity_views`; what it does differently it does in subclasses of these views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyramid.response import Response

from crmtenant.api.entities.bulk_views import BulkViews
from crmtenant.api.entities.views import EntityViews
from crmtenant.api.web import cursor
from crmtenant.api.web.http import (
    PRIVATE,
    json_response,
    names_etag,
    names_version,
    no_content,
    query_text,
    read_json,
)
from crmtenant.api.web.parsed_query import ParsedQuery, parse_query
from crmtenant.errors import FieldError, Invalid, Malformed, Stale
from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.resources.links import path_of
from crmtenant.schemas.base import load
from crmtenant.schemas.documents import bulk_documents, page_document
from crmtenant.schemas.query import Query
from crmtenant.services.entities import listing


class CollectionViews(BulkViews):
    """A collection's views."""

    def list(self) -> Response:
        """One page, by keyset."""
        asked = parse_query(self.shapes.query, query_text(self.request), self.tenant.identity.country)
        question = self._question(asked)
        page = listing.page(self.tenant.reader, self.context.noun, question, is_for_json=True)
        answer: dict[str, Any] = {"items": page.items, "next": self._next(asked, question, page)}
        if question.is_counted:
            answer["total"] = page.total
        return json_response(answer)

    def create(self) -> Response:
        """A new item."""
        draft = self._nested_draft(self.context) if isinstance(self.context, Nested) else self._draft()
        (row,) = self.context.records.create(self.tenant.session, self.tenant.actor, [draft.columns()])
        return self.item_response(self.as_item(row), "201 Created")

    def _draft(self, **given: Any) -> Any:
        """The draft in the body; where it leaves a field out, as it is given."""
        data = read_json(self.request)
        if isinstance(data, dict):
            data |= {name: value for name, value in given.items() if data.get(name) is None}
        return load(self.shapes.draft, data, context=self.reading_context)

    def _nested_draft(self, place: Nested) -> Any:
        """The draft in the body, belonging to the item its address names; `NotFound` where there is none."""
        name, owner = place.belongs_by, place.owner
        listing.require(self.tenant.session, owner.noun, owner.id)
        draft = self._draft(**{name: owner.id})
        if getattr(draft, name) != owner.id:
            raise Invalid(
                FieldError(f"/{name}", "contradiction", "This is not the item whose address was used.")
            )
        return draft

    def _question(self, asked: ParsedQuery) -> listing.PageRequest:
        query, filters = asked.query, dict(asked.filters)
        is_given = "sort" in query.model_fields_set or self.context.default_sort is None
        given_sort = query.sort if is_given else self.context.default_sort
        parent = None
        if isinstance(self.context, Nested):
            owner = self.context.owner
            parent = (owner.noun, owner.id)
            if filters.setdefault(self.context.belongs_by, owner.id) != owner.id:
                raise Malformed("The query contradicts the address.", code="invalid_query")
        return listing.PageRequest(
            filters=filters,
            sort=given_sort.removeprefix("-"),
            is_descending=given_sort.startswith("-"),
            limit=query.limit,
            viewer_id=self.tenant.identity.user_id,
            after=self._after(query, given_sort),
            is_counted=query.count,
            parent=parent,
            fields=query.wanted() if query.fields else None,
        )

    def _after(self, query: Query, sort: str) -> tuple[Any, int] | None:
        if query.cursor is None:
            return None
        return cursor.read(self.tenant.platform.cursor_keys, self._scope(sort), query.cursor)

    def _next(self, asked: ParsedQuery, question: listing.PageRequest, page: listing.Page) -> str | None:
        if page.after is None:
            return None
        sort = f"{'-' if question.is_descending else ''}{question.sort}"
        following = cursor.written(self.tenant.platform.cursor_keys, self._scope(sort), page.after)
        return f"{path_of(self.context)}?{asked.but_cursor}cursor={following}"

    def _scope(self, sort: str) -> str:
        return f"{self.tenant.identity.company_id} {self.context.noun.name} {sort}"


class ItemViews(EntityViews):
    """An item's views."""

    def read(self) -> Response:
        """The item."""
        item = listing.find(
            self.tenant.reader, self.context.noun, self.context.id, self.tenant.identity.user_id
        )
        etag = self.etag(item)
        if names_etag(self.request.headers.get("If-None-Match"), etag):
            return Response(status="304 Not Modified", headerlist=[("ETag", etag), *PRIVATE])
        return self.item_response(item)

    def change(self) -> Response:
        """The item after a merge patch."""
        row = self.locked()
        values = self.patched(self.as_item(row), read_json(self.request))
        self.context.records.change(self.tenant.session, self.tenant.actor, row, values)
        return self.item_response(self.as_item(row))

    def remove(self) -> Response:
        """Nothing; the item is in the trash."""
        row = self.locked()
        self.context.records.remove(self.tenant.session, self.tenant.actor, [row])
        return no_content()

    def restore(self) -> Response:
        """The item, out of the trash."""
        records, session, actor = self.context.records, self.tenant.session, self.tenant.actor
        row = records.lock(session, actor, self.context.id, is_deleted=True)
        restored = records.restore(session, actor, row)
        return self.item_response(self.as_item(restored))

    def locked(self) -> Any:
        """The item's row, locked; `Stale` when the request names another version of it."""
        row = self.context.records.lock(self.tenant.session, self.tenant.actor, self.context.id)
        wanted = self.request.headers.get("If-Match")
        if wanted is not None:
            item = self.as_item(row)
            if not names_version(wanted, self.etag(item)):
                raise Stale(item)
        return row


def add_entity_views(
    config: Any,
    *,
    collection: tuple[type[Collection], type[CollectionViews]],
    item: tuple[type[Item], type[ItemViews]],
    nested: Sequence[type[Nested]],
    access: str,
) -> None:
    """Nothing comes back; the noun's views are registered, with permissions `<access>:read` and `:write`."""
    (place, collection_views), (item_place, item_views) = collection, item
    shapes, noun = collection_views.shapes, item_place.noun.name.replace("_", " ")
    read, write = f"{access}:read", f"{access}:write"
    bulk_in, bulk_out = bulk_documents(shapes.draft, shapes.patch, shapes.out)
    page = page_document(shapes.out)

    def add(view: type, attr: str, context: type, method: str, permission: str, **options: Any) -> None:
        config.add_view(
            view, attr=attr, context=context, request_method=method, permission=permission, **options
        )

    for listed in (place, *nested):
        add(collection_views, "list", listed, "GET", read,
            query=shapes.query, out=page, summary=f"List {noun}s")  # fmt: skip
        add(collection_views, "create", listed, "POST", write,
            body=shapes.draft, out=shapes.out, status=201, gives=("ETag", "Location"),
            summary=f"Create a {noun}")  # fmt: skip
    add(collection_views, "bulk", place, "POST", write, name="bulk",
        body=bulk_in, out=bulk_out, summary=f"Create, change, remove and restore many {noun}s")  # fmt: skip
    add(item_views, "read", item_place, "GET", read,
        out=shapes.out, takes=("If-None-Match",), gives=("ETag",), summary=f"Read a {noun}")  # fmt: skip
    add(item_views, "change", item_place, "PATCH", write,
        body=shapes.patch, out=shapes.out, takes=("If-Match",), gives=("ETag",),
        summary=f"Change a {noun}")  # fmt: skip
    add(item_views, "remove", item_place, "DELETE", write,
        status=204, takes=("If-Match",), summary=f"Throw a {noun} away")  # fmt: skip
    add(item_views, "restore", item_place, "POST", write, name="restore",
        out=shapes.out, gives=("ETag",), summary=f"Take a {noun} out of the trash")  # fmt: skip
