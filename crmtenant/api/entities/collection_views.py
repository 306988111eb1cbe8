"""Listing and creating items of any noun, and many of them at once."""

from __future__ import annotations

from typing import Any

import orjson
from pyramid.response import Response

from crmtenant.api.entities.bulk_views import BulkViews
from crmtenant.api.web import cursor
from crmtenant.api.web.http import json_response, query_text, read_json
from crmtenant.api.web.parsed_query import ParsedQuery, parse_query
from crmtenant.errors import FieldError, Invalid, Malformed
from crmtenant.resources.base import Nested
from crmtenant.resources.links import path_of
from crmtenant.schemas.base import load
from crmtenant.schemas.query import Query
from crmtenant.services.entities import listing
from crmtenant.services.entities.entity_type import EntityType


class CollectionViews(BulkViews):
    """A collection's views."""

    def list(self) -> Response:
        """One page of the items.

        Filters narrow each other. A page begins after the last item of the one before, not at a number: what others add
        meanwhile shifts nothing.
        """
        parsed = parse_query(
            self.shapes.query,
            query_text(self.request),
            self.tenant.identity.country,
            self.tenant.clock.zone,
        )
        wanted = self._page_request(parsed)
        page = listing.page(self.tenant.reader, self.entity, wanted)
        following = self._next_cursor(wanted, page)
        address = following and f"{path_of(self.context)}?{parsed.but_cursor}cursor={following}"
        answer: dict[str, Any] = {
            "items": list(map(orjson.Fragment, page.items)),
            "next": address,
            "next_cursor": following,
        }
        if wanted.is_counted:
            answer["total"] = page.total
            if page.is_total_least:
                answer["total_is_least"] = True
        return json_response(answer)

    def create(self) -> Response:
        """A new item.

        Fields that are left out have their defaults. An Idempotency-Key makes it safe to repeat the request.
        """
        draft = self._nested_draft(self.context) if isinstance(self.context, Nested) else self._draft()
        (row,) = self.entity.writer.create(self.tenant.session, self.tenant.actor, [draft.columns()])
        return self.item_response(self.as_item(row), "201 Created")

    def _draft(self, **given: Any) -> Any:
        """The draft in the body; where it leaves a field out, as it is given."""
        data = read_json(self.request)
        if isinstance(data, dict):
            data |= {name: value for name, value in given.items() if data.get(name) is None}
        return load(self.shapes.draft, data, context=self.reading_context)

    def _nested_draft(self, place: Nested) -> Any:
        """Return the draft in the body, which belongs to the item the address names.

        Raises: `NotFound` where there is no such item.
        """
        listing.require(self.tenant.session, place.owner.entity, place.owner.id)
        draft = self._draft(**place.reference)
        for name, value in place.reference.items():
            if getattr(draft, name) != value:
                detail = "This is not the item whose address was used."
                raise Invalid(FieldError(f"/{name}", "contradiction", detail))
        return draft

    def _page_request(self, parsed: ParsedQuery) -> listing.PageRequest:
        query, filters = parsed.query, dict(parsed.filters)
        is_given = "sort" in query.model_fields_set or self.context.default_sort is None
        given_sort = query.sort if is_given else self.context.default_sort
        parent = self._parent(self.context, filters) if isinstance(self.context, Nested) else None
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
            today=self.tenant.clock.today(),
        )

    def _parent(self, place: Nested, filters: dict[str, Any]) -> tuple[EntityType, int]:
        """Restrict the filters to what belongs to the item the address names, and return that item."""
        for name, value in place.reference.items():
            if filters.setdefault(name, value) != value:
                raise Malformed("The query contradicts the address.", code="invalid_query")
        return place.owner.entity, place.owner.id

    def _after(self, query: Query, sort: str) -> tuple[Any, int] | None:
        if query.cursor is None:
            return None
        return cursor.read(self.tenant.platform.cursor_keys, self._scope(sort), query.cursor)

    def _next_cursor(self, wanted: listing.PageRequest, page: listing.Page) -> str | None:
        if page.after is None:
            return None
        sort = f"{'-' if wanted.is_descending else ''}{wanted.sort}"
        return cursor.written(self.tenant.platform.cursor_keys, self._scope(sort), page.after)

    def _scope(self, sort: str) -> str:
        return f"{self.tenant.identity.company_id} {self.entity.name} {sort}"
