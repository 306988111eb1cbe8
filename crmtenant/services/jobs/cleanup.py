"""Cleanup of what has expired: retained databases, clones, and companies whose deletion is due.

Every step can be repeated, and only one process at a time cleans up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Executable, bindparam, func, select, update

from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.models.catalog.tables import Tenant

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.database_swap import RetainedDatabases
    from crmtenant.services.tenants.lifecycle import Lifecycle

#: The name of the lock; processes of an older release hold it by this name too.
CLEANUP_LOCK = "clearing"
BY = "worker"
#: An expired clone was meant to be deleted, but somebody may have come to work in it.
EXPIRED_KEPT = timedelta(days=7)
POSTPONED = timedelta(hours=1)

log = structlog.get_logger(__name__)

_EXPIRED = select(Tenant.id).where(
    Tenant.expires_at <= bindparam("now"), (Tenant.state == "active") | (Tenant.state == "suspended")
)
#: Companies whose owners asked for the deletion, once their grace period is over.
_DELETION_REQUESTED = select(Tenant.id).where(
    Tenant.delete_after <= bindparam("now"), (Tenant.state == "active") | (Tenant.state == "suspended")
)
_CLOSE = (
    update(Tenant)
    .where(
        Tenant.id == bindparam("tenant"),
        Tenant.delete_after <= func.now(),
        (Tenant.state == "active") | (Tenant.state == "suspended"),
    )
    .values(state="deleting", epoch=Tenant.epoch + 1)
    .returning(Tenant.id)
    .execution_options(synchronize_session=False)
)
_PURGE_DUE = select(Tenant.id).where(
    (Tenant.state == "deleted") | ((Tenant.state == "deleting") & (Tenant.delete_after <= bindparam("now")))
)

_POSTPONE = (
    update(Tenant)
    .where(Tenant.id == bindparam("tenant_id"), Tenant.state == "deleting")
    .values(delete_after=bindparam("later"))
)


class Cleanup:
    """Drops, deletes and purges what is due, on every server."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        lifecycle: Lifecycle,
        retained: RetainedDatabases,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._lifecycle = lifecycle
        self._retained = retained

    def sweep(self) -> list[str]:
        """Return the names of what was dropped, deleted or purged; none while another process cleans up."""
        with self._servers.try_lock(CLEANUP_LOCK) as is_alone:
            if not is_alone:
                return []
            return [
                *(database for database in self._retained.due() if self._drop(database)),
                *(tenant_id for tenant_id in self._ids(_EXPIRED) if self._attempt(tenant_id, self._expire)),
                *(
                    tenant_id
                    for tenant_id in self._ids(_DELETION_REQUESTED)
                    if self._attempt(tenant_id, self._close)
                ),
                *(tenant_id for tenant_id in self._ids(_PURGE_DUE) if self._purge(tenant_id)),
            ]

    def _ids(self, statement: Executable) -> list[str]:
        with self._catalog.reading() as reader:
            return [tenant_id for (tenant_id,) in reader.rows(statement, {"now": now()})]

    def _drop(self, database: str) -> bool:
        """Return whether it was dropped; one that somebody is filling or reviving is left to them."""
        with self._retained.lock(database) as is_alone:
            return is_alone and self._attempt(database, self._retained.drop)

    def _expire(self, tenant_id: str) -> None:
        self._lifecycle.delete(tenant_id, EXPIRED_KEPT)

    def _purge(self, tenant_id: str) -> bool:
        """Return whether it was purged; one that fails, because it cannot be saved, say, is postponed. Where this process is
        to end, the next one goes on at once."""
        is_gone = self._attempt(tenant_id, lambda one: self._lifecycle.purge(one, by=BY))
        if not is_gone and not self._servers.interrupts.is_set:
            with self._catalog.begin() as session:
                session.execute(_POSTPONE, {"tenant_id": tenant_id, "later": now() + POSTPONED})
        return is_gone

    def _close(self, tenant_id: str) -> None:
        """Close the company, unless its owners have withdrawn the request in the meantime."""
        self._lifecycle.require_current(tenant_id)
        with self._catalog.begin() as session:
            is_closing = session.scalars(_CLOSE, {"tenant": tenant_id}).one_or_none() is not None
        if is_closing:
            self._lifecycle.delete(tenant_id, timedelta(0))

    def _attempt(self, name: str, step: Callable[[str], object]) -> bool:
        try:
            step(name)
        except RECOVERABLE_ERRORS:
            log.exception("cleanup_failed", name=name)
            return False
        return True
