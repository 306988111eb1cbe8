"""What was done to many rows in one go, and undoing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pyramid.response import Response

from crmtenant.api.web.batches import named
from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.api.web.paging import Paging
from crmtenant.permissions import Permission
from crmtenant.resources.batch import BatchCollection, BatchResource
from crmtenant.resources.links import path_of
from crmtenant.schemas.base import as_json, load, load_query
from crmtenant.schemas.batches import BatchQuery, UndoQuery, batch_documents
from crmtenant.services.changes.batches import COMPANY
from crmtenant.services.entities.entity_type import EntityType
from crmtenant.services.overview import batches
from crmtenant.services.overview.undo import undo


class BatchViews:
    """Lists what was done to many rows, and undoes it."""

    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.tenant = context.tenant

    def list(self) -> Response:
        """One page, newest first."""
        query = load_query(BatchQuery, query_pairs(self.request))
        tenant = self.tenant
        paging = Paging(tenant, "batches")
        _, after = paging.after(query.cursor) or (None, None)
        items = batches.page(tenant.reader, tenant.actor, self._may_write, query.limit + 1, after)
        last = (None, items[query.limit - 1]["id"]) if len(items) > query.limit else None
        links = paging.links(path_of(self.context), {"limit": query.limit}, last)
        return json_response({"items": items[: query.limit], **links})

    def undo(self) -> Response:
        """What was put back, and what was left as it is.

        Each item gets back what it was, field by field, but for what others changed since. What was created goes into the
        trash, unless others changed or use it. The undo is a batch itself.
        """
        query = load_query(UndoQuery, query_pairs(self.request))
        tenant = self.tenant
        run = undo(
            tenant.session,
            tenant.actor,
            self.context.id,
            patched=self._patched,
            may_write=self._may_write,
            dry_run=query.dry_run,
        )
        return json_response(
            {
                "batch": run.undo_id,
                "restored": run.restored,
                "partly": run.partly,
                "kept": [asdict(one) for one in run.kept],
                "kept_count": run.kept_count,
            },
            headers=named(run.undo_id),
        )

    def _may_write(self, noun: str) -> bool:
        access = Permission.COMPANY_IMPORT if noun == COMPANY else self._writing.get(noun)
        return access in self.tenant.identity.permissions

    @property
    def _writing(self) -> Mapping[str, str]:
        """The permission to write each noun."""
        writing: Mapping[str, str] = self.request.registry.writing
        return writing

    def _patched(self, entity: EntityType, row: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
        draft = self.request.registry.shapes[entity.name].draft
        current = as_json({name: getattr(row, name) for name in draft.model_fields})
        changed = {name: value for name, value in fields.items() if name in draft.model_fields}
        context = {"region": self.tenant.identity.country, "zone": self.tenant.clock.zone}
        columns: dict[str, Any] = load(draft, {**current, **changed}, context=context).columns()
        return columns


def includeme(config: Any) -> None:
    """Register the views, whose documents name the nouns there are."""
    registered = config.registry.registrations
    config.registry.writing = {one.collection.item.entity.name: f"{one.access}:write" for one in registered}
    page, undone = batch_documents(config.registry.entity_tree.entities.names())
    config.add_view(
        BatchViews,
        attr="list",
        context=BatchCollection,
        request_method="GET",
        permission=Permission.OVERVIEW_READ,
        query=BatchQuery,
        out=page,
        operation="list_batches",
        summary="List what was done to many items in one go",
    )
    config.add_view(
        BatchViews,
        attr="undo",
        context=BatchResource,
        name="undo",
        request_method="POST",
        permission=Permission.BATCH_UNDO,
        query=UndoQuery,
        out=undone,
        gives=("Batch",),
        refuses=(409,),
        operation="undo_batch",
        summary="Undo what was done to many items in one go",
    )
