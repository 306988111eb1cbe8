"""Reading, changing, deleting and restoring one item of any noun."""

from __future__ import annotations

from typing import Any

import orjson
from pyramid.response import Response

from crmtenant.api.entities.views import EntityViews
from crmtenant.api.web.batches import named
from crmtenant.api.web.http import PRIVATE, bytes_response, names_etag, no_content, read_json
from crmtenant.errors import Stale
from crmtenant.services.changes.batches import TRASHED
from crmtenant.services.changes.change_log import make_batch
from crmtenant.services.entities import listing


class ItemViews(EntityViews):
    """An item's views."""

    def read(self) -> Response:
        """The item.

        Its ETag is sent as If-Match with a change, and as If-None-Match to read it again only if it is another.
        """
        tenant = self.tenant
        item = listing.find(
            tenant.reader, self.entity, self.context.id, tenant.identity.user_id, tenant.clock.today()
        )
        etag = self.etag(orjson.loads(item))
        if names_etag(self.request.environ.get("HTTP_IF_NONE_MATCH"), etag):
            return Response(status="304 Not Modified", headerlist=[("ETag", etag), *PRIVATE])
        return bytes_response(item, "application/json", headers=[("ETag", etag)])

    def change(self) -> Response:
        """The item after a merge patch.

        A JSON merge patch (RFC 7396): what is left out stays, null takes a value away, lists are replaced as a whole.
        """
        row = self.locked()
        values = self.patched(row, read_json(self.request))
        self.entity.writer.change(self.tenant.session, self.tenant.actor, row, values)
        return self.item_response(self.as_item(row))

    def remove(self) -> Response:
        """Nothing: the item is in the trash.

        What belongs to it goes along, and comes back with it.
        """
        self.tenant.only_deletes()
        row = self.locked()
        self.entity.writer.remove(self.tenant.session, self.tenant.actor, [row])
        return no_content(self._batch(row))

    def restore(self) -> Response:
        """The item, out of the trash.

        What went along into the trash with it comes back too.
        """
        records, session, actor = self.entity.writer, self.tenant.session, self.tenant.actor
        row = records.lock(session, actor, self.context.id, is_deleted=True)
        restored = records.restore(session, actor, row)
        return self.item_response(self.as_item(restored), headers=self._batch(row))

    def _batch(self, row: Any) -> list[tuple[str, str]]:
        """Return the header of the batch that it is where something went along with the row."""
        title = getattr(row, self.entity.title.key)
        session, actor = self.tenant.session, self.tenant.actor
        return named(make_batch(session, actor, TRASHED, self.entity.name, title=title, least=2))

    def locked(self) -> Any:
        """Return the item's row, locked.

        Raises: `Stale` when the request names another version of it.
        """
        row = self.entity.writer.lock(self.tenant.session, self.tenant.actor, self.context.id)
        wanted = self.request.headers.get("If-Match")
        if wanted is not None and not self.is_version(row, wanted):
            raise Stale(self.as_item(row))
        return row
