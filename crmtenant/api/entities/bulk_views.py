"""Creating, changing, deleting and restoring many rows of any noun at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from pyramid.response import Response

from crmtenant.api.entities.bulk import all_or_errors, checked_bulk
from crmtenant.api.entities.views import EntityViews
from crmtenant.api.web.batches import named
from crmtenant.api.web.http import json_response, read_json
from crmtenant.schemas.base import load
from crmtenant.services.changes.batches import BULK, TRASHED
from crmtenant.services.changes.change_log import make_batch


class BulkViews(EntityViews):
    """A collection's view of many items: all of it is done, or nothing."""

    def bulk(self) -> Response:
        """The items created, changed, deleted and restored: all of them, or none.

        At most 1,000 rows in all. A change names its item by `id` and is a merge patch otherwise; the pointers of errors say
        which row is meant.
        """
        body = checked_bulk(read_json(self.request))
        is_only_trash = not (body["create"] or body["update"] or body["restore"])
        if is_only_trash:
            self.tenant.only_deletes()
        restored = self._restore_all(body["restore"])
        created = self._create_all(body["create"])
        updated = self._update_all(body["update"])
        self._delete_all(body["delete"])
        batch_id = make_batch(
            self.tenant.session, self.tenant.actor, TRASHED if is_only_trash else BULK, self.entity.name
        )
        # Last of all, for what is derived from other rows may be another now.
        return json_response(
            {
                "created": self._items(created),
                "updated": self._items(updated),
                "deleted": body["delete"],
                "restored": self._items(restored),
                "batch_id": batch_id,
            },
            headers=named(batch_id),
        )

    def _items(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        writer, session, actor = self.entity.writer, self.tenant.session, self.tenant.actor
        items: list[dict[str, Any]] = writer.as_json_fields(session, actor, rows) if rows else []
        return items

    def _create_all(self, drafts: Sequence[Any]) -> Sequence[Any]:
        if not drafts:
            return []
        writer, session, actor = self.entity.writer, self.tenant.session, self.tenant.actor
        loaded = all_or_errors(partial(self._loaded, "/create"), drafts)
        rows: Sequence[Any] = writer.create(session, actor, loaded, pointer="/create")
        return rows

    def _loaded(self, pointer: str, index: int, data: Any) -> dict[str, Any]:
        prefix, context = f"{pointer}/{index}", self.reading_context
        columns: dict[str, Any] = load(self.shapes.draft, data, context=context, prefix=prefix).columns()
        return columns

    def _update_all(self, patches: Sequence[Any]) -> Sequence[Any]:
        if not patches:
            return []
        writer, session, actor = self.entity.writer, self.tenant.session, self.tenant.actor
        rows: Sequence[Any] = writer.lock_all(
            session, actor, [patch["id"] for patch in patches], pointer="/update"
        )
        changes = [{name: value for name, value in patch.items() if name != "id"} for patch in patches]
        versions = [row.version for row in rows]
        loaded = all_or_errors(
            lambda index, patch: self.patched(rows[index], patch, f"/update/{index}"), changes
        )

        def change(index: int, row: Any) -> None:
            # An earlier change may have changed this row too, as completing a task does with those below it.
            is_as_loaded = row.version == versions[index]
            values = loaded[index] if is_as_loaded else self.patched(row, changes[index], f"/update/{index}")
            writer.apply(session, actor, row, values, f"/update/{index}")

        all_or_errors(change, rows)
        session.flush()
        return rows

    def _delete_all(self, ids: Sequence[int]) -> None:
        if ids:
            writer, session, actor = self.entity.writer, self.tenant.session, self.tenant.actor
            writer.remove(session, actor, writer.lock_all(session, actor, ids, pointer="/delete"))

    def _restore_all(self, ids: Sequence[int]) -> Sequence[Any]:
        if not ids:
            return []
        writer, session, actor = self.entity.writer, self.tenant.session, self.tenant.actor
        rows: Sequence[Any] = writer.lock_all(session, actor, ids, is_deleted=True, pointer="/restore")
        writer.restore_all(session, actor, rows, pointer="/restore")
        return rows
