"""Listing, reading, creating, changing, removing and restoring: once, for every noun.

A noun registers itself with `add_noun`; what it does differently it does in subclasses of these views.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel
from pyramid.response import Response

from crmtenant.api import cursor
from crmtenant.api.http import (
    as_json,
    etag_of,
    json_response,
    names_etag,
    names_version,
    no_content,
    pairs_of,
    query_text,
    read_json,
)
from crmtenant.errors import Fault, Invalid, Malformed, Stale
from crmtenant.representations import base
from crmtenant.representations.base import load, load_query, patch_model
from crmtenant.representations.documents import bulk_documents, page_document
from crmtenant.representations.query import Query
from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.resources.links import item_path, path_of
from crmtenant.resources.tenant import Tenant
from crmtenant.services import listing
from crmtenant.services.records import pointing_at

MAX_BULK_ROWS = 1000
QUERIES_KEPT = 512


@dataclass(frozen=True, slots=True)
class Shapes:
    """The JSON of one noun: what may be written, asked and heard."""

    draft: Any
    patch: type[BaseModel]
    out: type[BaseModel]
    query: type[Query]
    load_patch: Callable[..., Any]

    @classmethod
    def of(
        cls,
        draft: Any,
        out: type[BaseModel],
        query: type[Query],
        load_patch: Callable[..., Any] | None = None,
    ) -> Shapes:
        """The shapes around a draft; patches are read as RFC 7396 says unless the noun has a reader of its own."""
        return cls(draft, patch_model(draft), out, query, load_patch or partial(base.load_patch, draft))


@dataclass(frozen=True, slots=True)
class Asked:
    """A query read: its filters, and the parameters that the next page's address repeats, ending in &."""

    query: Query
    filters: Mapping[str, Any]
    but_cursor: str


@lru_cache(maxsize=QUERIES_KEPT)
def _asked(model: type[Query], text: str, region: str | None) -> Asked:
    """The query this text asks. Kept, because clients ask the same few over and over; it holds no answers."""
    pairs = pairs_of(text)
    query = load_query(model, pairs, context={"region": region})
    filters, words = query.filters(), query.words()
    if words:
        filters["q"] = words
    kept = urlencode([(name, value) for name, value in pairs if name != "cursor"])
    return Asked(query, filters, f"{kept}&" if kept else "")


class NounViews:
    """What the views of a noun share."""

    shapes: Shapes
    #: the segment under /api where the noun's items live
    collection: str

    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.tenant: Tenant = context.tenant

    @property
    def reading_context(self) -> dict[str, Any]:
        """What the fields need to know of the company."""
        return {"region": self.tenant.identity.country}

    def item_response(self, item: Mapping[str, Any], status: str = "200 OK") -> Response:
        """The item with its ETag, and its address when it is new."""
        headers = [("ETag", self.etag(item))]
        if status.startswith("201"):
            headers.append(("Location", item_path(self.collection, item["id"])))
        return json_response(item, status, headers)

    def etag(self, item: Mapping[str, Any]) -> str:
        """The strong ETag of an item; it names the company, for two companies have the same ids and versions."""
        noun, company_id = self.context.noun.name, self.tenant.identity.company_id
        return etag_of(f"{company_id}.{noun}.{item['id']}.{item['version']}", self.counted(item))

    def counted(self, item: Mapping[str, Any]) -> str:
        """What of the item changes without its version: what is counted from other rows."""
        del item
        return ""

    def as_item(self, row: Any) -> dict[str, Any]:
        """The row as its JSON fields."""
        items: list[dict[str, Any]] = self.context.records.as_json_fields(self.tenant.session, [row])
        return items[0]

    def patched(self, row: Any, patch: Any, prefix: str = "") -> dict[str, Any]:
        """The columns of the row after a merge patch."""
        item = as_json(self.as_item(row))
        current = {name: item[name] for name in self.shapes.draft.model_fields}
        draft = self.shapes.load_patch(current, patch, context=self.reading_context, prefix=prefix)
        columns: dict[str, Any] = draft.columns()
        return columns


class CollectionViews(NounViews):
    """A collection's views."""

    def list(self) -> Response:
        """One page, by keyset."""
        asked = _asked(self.shapes.query, query_text(self.request), self.tenant.identity.country)
        query = asked.query
        question = self._question(asked)
        page = listing.page(self.tenant.reader, self.context.noun, question)
        wanted = query.wanted() if query.fields else None
        items = page.items
        if wanted is not None:
            items = [{name: item[name] for name in wanted} for item in page.items]
        answer: dict[str, Any] = {"items": items, "next": self._next(asked, question, page)}
        if question.is_counted:
            answer["total"] = page.total
        return json_response(answer)

    def create(self) -> Response:
        """A new item."""
        draft = load(self.shapes.draft, self._new(read_json(self.request)), context=self.reading_context)
        (row,) = self.context.records.create(self.tenant.session, self.tenant.author, [draft.columns()])
        return self.item_response(self.as_item(row), "201 Created")

    def bulk(self) -> Response:
        """Many items created, changed and removed, or none of them."""
        body = _checked_bulk(read_json(self.request))
        created = self._create_all(body["create"])
        updated = self._update_all(body["update"])
        self._delete_all(body["delete"])
        return json_response({"created": created, "updated": updated, "deleted": body["delete"]})

    def _new(self, data: Any) -> Any:
        """The body of a new item; in a nested collection the owner is filled in."""
        if not isinstance(self.context, Nested) or not isinstance(data, dict):
            return data
        name, owner_id = self.context.belongs_by, self.context.owner.id
        if data.get(name, owner_id) != owner_id:
            raise Invalid(Fault(f"/{name}", "contradiction", "This is not the item whose address was used."))
        listing.require(self.tenant.session, self.context.owner.noun, owner_id)
        return {**data, name: owner_id}

    def _question(self, asked: Asked) -> listing.Question:
        query, filters = asked.query, dict(asked.filters)
        given_sort = query.sort if "sort" in query.model_fields_set else self.context.default_sort
        parent = None
        if isinstance(self.context, Nested):
            owner = self.context.owner
            parent = (owner.noun, owner.id)
            if filters.setdefault(self.context.belongs_by, owner.id) != owner.id:
                raise Malformed("The query contradicts the address.", code="invalid_query")
        return listing.Question(
            filters=filters,
            sort=given_sort.removeprefix("-"),
            is_descending=given_sort.startswith("-"),
            limit=query.limit,
            after=self._after(query, given_sort),
            is_counted=query.count,
            parent=parent,
        )

    def _after(self, query: Query, sort: str) -> tuple[Any, int] | None:
        if query.cursor is None:
            return None
        return cursor.read(self.tenant.platform.cursor_key, self._scope(sort), query.cursor)

    def _next(self, asked: Asked, question: listing.Question, page: listing.Page) -> str | None:
        if page.after is None:
            return None
        sort = f"{'-' if question.is_descending else ''}{question.sort}"
        following = cursor.written(self.tenant.platform.cursor_key, self._scope(sort), page.after)
        return f"{path_of(self.context)}?{asked.but_cursor}cursor={following}"

    def _scope(self, sort: str) -> str:
        return f"{self.tenant.identity.company_id} {self.context.noun.name} {sort}"

    def _create_all(self, drafts: Sequence[Any]) -> builtins.list[dict[str, Any]]:
        loaded = _all_or_faults(
            lambda index, data: load(
                self.shapes.draft, data, context=self.reading_context, prefix=f"/create/{index}"
            ).columns(),
            drafts,
        )
        if not loaded:
            return []
        with pointing_at("create"):
            rows = self.context.records.create(self.tenant.session, self.tenant.author, loaded, is_bulk=True)
        items: builtins.list[dict[str, Any]] = self.context.records.as_json_fields(self.tenant.session, rows)
        return items

    def _update_all(self, patches: Sequence[Any]) -> builtins.list[dict[str, Any]]:
        if not patches:
            return []
        records, session = self.context.records, self.tenant.session
        rows = records.lock_all(session, [patch["id"] for patch in patches], pointer="/update")
        changes = [{name: value for name, value in patch.items() if name != "id"} for patch in patches]
        loaded = _all_or_faults(
            lambda index, patch: self.patched(rows[index], patch, f"/update/{index}"), changes
        )
        for index, (row, values) in enumerate(zip(rows, loaded, strict=True)):
            with pointing_at(f"update/{index}"):
                records.change(session, self.tenant.author, row, values)
        items: builtins.list[dict[str, Any]] = records.as_json_fields(session, rows)
        return items

    def _delete_all(self, ids: Sequence[int]) -> None:
        if ids:
            rows = self.context.records.lock_all(self.tenant.session, ids, pointer="/delete")
            self.context.records.remove(self.tenant.session, self.tenant.author, rows)


class ItemViews(NounViews):
    """An item's views."""

    def read(self) -> Response:
        """The item."""
        item = listing.find(self.tenant.reader, self.context.noun, self.context.id)
        etag = self.etag(item)
        if names_etag(self.request.headers.get("If-None-Match"), etag):
            return Response(status="304 Not Modified", headerlist=[("ETag", etag)])
        return self.item_response(item)

    def change(self) -> Response:
        """The item after a merge patch."""
        row = self.locked()
        values = self.patched(row, read_json(self.request))
        self.context.records.change(self.tenant.session, self.tenant.author, row, values)
        return self.item_response(self.as_item(row))

    def remove(self) -> Response:
        """Nothing; the item is in the trash."""
        row = self.locked()
        self.context.records.remove(self.tenant.session, self.tenant.author, [row])
        return no_content()

    def restore(self) -> Response:
        """The item, out of the trash."""
        row = self.context.records.lock(self.tenant.session, self.context.id, is_deleted=True)
        restored = self.context.records.restore(self.tenant.session, self.tenant.author, row)
        return self.item_response(self.as_item(restored))

    def locked(self) -> Any:
        """The item's row, locked; `Stale` when the request names another version of it."""
        row = self.context.records.lock(self.tenant.session, self.context.id)
        wanted = self.request.headers.get("If-Match")
        if wanted is not None:
            item = self.as_item(row)
            if not names_version(wanted, self.etag(item)):
                raise Stale(item)
        return row


def _all_or_faults(loader: Any, data: Sequence[Any]) -> list[Any]:
    """Each entry loaded; the faults of all of them together."""
    loaded: list[Any] = []
    faults: list[Fault] = []
    for index, entry in enumerate(data):
        try:
            loaded.append(loader(index, entry))
        except Invalid as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise Invalid(*faults[:100])
    return loaded


def _checked_bulk(body: Any) -> dict[str, list[Any]]:
    """The three lists of a bulk request, each there, their entries of the right kind."""
    if not isinstance(body, dict):
        raise Invalid(Fault("", "not_an_object", "This must be a JSON object."))
    unknown = body.keys() - {"create", "update", "delete"}
    faults = [Fault(f"/{name}", "unknown_field", "There is no such field.") for name in sorted(unknown)]
    lists = {}
    for name in ("create", "update", "delete"):
        entries = body.get(name, [])
        if not isinstance(entries, list):
            faults.append(Fault(f"/{name}", "invalid_type", "This must be an array."))
            entries = []
        lists[name] = entries
    if sum(map(len, lists.values())) > MAX_BULK_ROWS:
        faults.append(Fault("", "too_many", f"At most {MAX_BULK_ROWS} rows at once."))
    for index, patch in enumerate(lists["update"]):
        if not isinstance(patch, dict) or not _is_id(patch.get("id")):
            faults.append(Fault(f"/update/{index}/id", "required", "Each change names its item by id."))
    for index, row_id in enumerate(lists["delete"]):
        if not _is_id(row_id):
            faults.append(Fault(f"/delete/{index}", "invalid_type", "This must be an id."))
    faults += _repeated(lists)
    if faults:
        raise Invalid(*faults[:100])
    return lists


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _repeated(lists: Mapping[str, Sequence[Any]]) -> list[Fault]:
    ids = [(f"/update/{i}/id", p.get("id")) for i, p in enumerate(lists["update"]) if isinstance(p, dict)]
    ids += [(f"/delete/{i}", row_id) for i, row_id in enumerate(lists["delete"])]
    seen: set[Any] = set()
    faults = []
    for pointer, row_id in ids:
        if _is_id(row_id) and row_id in seen:
            faults.append(Fault(pointer, "repeated", "This item is named twice."))
        if _is_id(row_id):
            seen.add(row_id)
    return faults


def add_noun(
    config: Any,
    *,
    collection: tuple[type[Collection], type[CollectionViews]],
    item: tuple[type[Item], type[ItemViews]],
    nested: Sequence[type[Nested]],
    access: str,
) -> None:
    """Nothing comes back; the noun's views are registered, with permissions `<access>:read` and `:write`."""
    (place, collection_views), (item_place, item_views) = collection, item
    shapes, noun = collection_views.shapes, item_place.noun.name
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
        body=bulk_in, out=bulk_out, summary=f"Create, change and remove many {noun}s")  # fmt: skip
    add(item_views, "read", item_place, "GET", read,
        out=shapes.out, takes=("If-None-Match",), gives=("ETag",), summary=f"Read a {noun}")  # fmt: skip
    add(item_views, "change", item_place, "PATCH", write,
        body=shapes.patch, out=shapes.out, takes=("If-Match",), gives=("ETag",),
        summary=f"Change a {noun}")  # fmt: skip
    add(item_views, "remove", item_place, "DELETE", write,
        status=204, takes=("If-Match",), summary=f"Throw a {noun} away")  # fmt: skip
    add(item_views, "restore", item_place, "POST", write, name="restore",
        out=shapes.out, gives=("ETag",), summary=f"Take a {noun} out of the trash")  # fmt: skip
