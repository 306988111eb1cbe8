"""What all views of a noun share: its JSON, its ETags, and how its rows become items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.response import Response

from crmtenant.api.web.http import Headers, etag_of, json_response, names_version
from crmtenant.resources.links import item_path
from crmtenant.resources.tenant import Tenant
from crmtenant.schemas.base import as_json, load_patch
from crmtenant.schemas.shapes import Shapes
from crmtenant.services.entities.entity_type import EntityType


class EntityViews:
    """What the views of a noun share."""

    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.tenant: Tenant = context.tenant
        self.entity: EntityType = context.entity
        self.shapes: Shapes = request.registry.shapes[self.entity.name]

    @property
    def reading_context(self) -> dict[str, Any]:
        """What the fields need to know of the company."""
        return {"region": self.tenant.identity.country, "zone": self.tenant.clock.zone}

    def item_response(
        self, item: Mapping[str, Any], status: str = "200 OK", headers: Headers = ()
    ) -> Response:
        """The item with its ETag, and its address when it is new."""
        headers = [("ETag", self.etag(item)), *headers]
        if status.startswith("201"):
            headers.append(("Location", item_path(self.entity.collection, item["id"])))
        return json_response(item, status, headers)

    def etag(self, item: Mapping[str, Any]) -> str:
        """The strong ETag of an item. It names the company, for two companies have the same ids and versions,
        and its epoch, for a company that was restored goes through the same versions again."""
        return etag_of(self._version_of(item["id"], item["version"]), self.counted(item))

    def counted(self, item: Mapping[str, Any]) -> str:  # noqa: ARG002 (for those who override it)
        """What of the item changes without its version: what is counted from other rows."""
        return ""

    def as_item(self, row: Any) -> dict[str, Any]:
        """Return the row as its JSON fields."""
        items: list[dict[str, Any]] = self.entity.writer.as_json_fields(
            self.tenant.session, self.tenant.actor, [row]
        )
        return items[0]

    def is_version(self, row: Any, header: str) -> bool:
        """Whether an If-Match header names the row as it is; what is counted from other rows does not matter."""
        return names_version(header, etag_of(self._version_of(row.id, row.version)))

    def patched(self, row: Any, patch: Any, prefix: str = "") -> dict[str, Any]:
        """Return the columns of the row after a merge patch.

        Raises: `Invalid`, whose pointers start with `prefix`.
        """
        draft = self.shapes.draft
        current = as_json({name: getattr(row, name) for name in draft.model_fields})
        changed = load_patch(draft, current, patch, context=self.reading_context, prefix=prefix)
        columns: dict[str, Any] = changed.columns()
        return columns

    def _version_of(self, row_id: int, version: int) -> str:
        identity = self.tenant.identity
        return f"{identity.company_id}.{identity.company_epoch}.{self.entity.name}.{row_id}.{version}"
