"""What all views of a noun share: its JSON, its ETags, and how its rows become items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pyramid.response import Response

from crmtenant.api.web.http import etag_of, json_response
from crmtenant.resources.links import item_path
from crmtenant.resources.tenant import Tenant
from crmtenant.schemas.base import as_json, load_patch, patch_model
from crmtenant.schemas.query import Query


@dataclass(frozen=True, slots=True)
class Shapes:
    """The JSON of one noun: what may be written, asked and heard."""

    draft: Any
    patch: type[BaseModel]
    out: type[BaseModel]
    query: type[Query]

    @classmethod
    def of(cls, draft: Any, out: type[BaseModel], query: type[Query]) -> Shapes:
        """The shapes around a draft."""
        return cls(draft, patch_model(draft), out, query)


class EntityViews:
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
        """The strong ETag of an item. It names the company, for two companies have the same ids and versions,
        and its epoch, for a company that was restored goes through the same versions again."""
        noun, identity = self.context.noun.name, self.tenant.identity
        place = f"{identity.company_id}.{identity.company_epoch}"
        return etag_of(f"{place}.{noun}.{item['id']}.{item['version']}", self.counted(item))

    def counted(self, item: Mapping[str, Any]) -> str:
        """What of the item changes without its version: what is counted from other rows."""
        del item
        return ""

    def as_item(self, row: Any) -> dict[str, Any]:
        """The row as its JSON fields."""
        items: list[dict[str, Any]] = self.context.records.as_json_fields(self.tenant.session, [row])
        return items[0]

    def patched(self, item: Mapping[str, Any], patch: Any, prefix: str = "") -> dict[str, Any]:
        """The columns of the item after a merge patch."""
        draft = self.shapes.draft
        current = as_json({name: item[name] for name in draft.model_fields})
        changed = load_patch(draft, current, patch, context=self.reading_context, prefix=prefix)
        columns: dict[str, Any] = changed.columns()
        return columns
