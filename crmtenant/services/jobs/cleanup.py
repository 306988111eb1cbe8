"""What time takes care of: databases kept for a while, clones that expired, companies whose day has come.

Every step can be repeated, and only one process at a time is at it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Executable, bindparam, func, select, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.models.catalog.tables import SetAside, Tenant

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.tenants.lifecycle import Lifecycle

BY = "worker"
#: A clone that expired was made to be thrown away, but somebody may have come to work in it.
EXPIRED_KEPT = timedelta(days=7)
POSTPONED = timedelta(hours=1)

log = structlog.get_logger(__name__)

_SET_ASIDE = select(SetAside.database).where(SetAside.drop_after <= bindparam("now"))
_EXPIRED = select(Tenant.id).where(
    Tenant.expires_at <= bindparam("now"), (Tenant.state == "active") | (Tenant.state == "suspended")
)
#: Those whose owners wished it so, and whose day has come.
_LEAVING = select(Tenant.id).where(
    Tenant.delete_after <= bindparam("now"), (Tenant.state == "active") | (Tenant.state == "suspended")
)
_CLOSE = (
    update(Tenant)
    .where(
        Tenant.id == bindparam("tenant"),
        Tenant.delete_after <= func.now(),
        (Tenant.state == "active") | (Tenant.state == "suspended"),
    )
    .values(state="deleting")
    .returning(Tenant.id)
    .execution_options(synchronize_session=False)
)
_DUE = select(Tenant.id).where(
    (Tenant.state == "deleted") | ((Tenant.state == "deleting") & (Tenant.delete_after <= bindparam("now")))
)

_POSTPONE = (
    update(Tenant)
    .where(Tenant.id == bindparam("tenant_id"), Tenant.state == "deleting")
    .values(delete_after=bindparam("later"))
)


class Cleanup:
    """Clears away, on every server."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        lifecycle: Lifecycle,
        restorer: Restorer,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._lifecycle = lifecycle
        self._restorer = restorer

    def sweep(self) -> list[str]:
        """The names of what was dropped, deleted or purged; nothing while another process is at it."""
        with self._servers.try_lock(advisory_locks.CLEANUP) as is_alone:
            if not is_alone:
                return []
            done = [database for (database,) in self._found(_SET_ASIDE) if self._drop(database)]
            done += [
                tenant_id
                for (tenant_id,) in self._found(_EXPIRED)
                if self._attempt(tenant_id, lambda one: self._lifecycle.delete(one, EXPIRED_KEPT))
            ]
            done += [
                tenant_id for (tenant_id,) in self._found(_LEAVING) if self._attempt(tenant_id, self._close)
            ]
            done += [tenant_id for (tenant_id,) in self._found(_DUE) if self._purge(tenant_id)]
            return done

    def _found(self, statement: Executable) -> list[tuple[str, ...]]:
        with self._catalog.reading() as reader:
            return reader.rows(statement, {"now": now()})

    def _drop(self, database: str) -> bool:
        """Whether it was dropped: one that somebody is filling, or bringing back, is left to them."""
        with self._servers.try_lock(advisory_locks.database_fill(database)) as is_alone:
            return is_alone and self._attempt(database, self._restorer.clear)

    def _purge(self, tenant_id: str) -> bool:
        """Whether it is gone. One that cannot be saved, say, is tried again later, not at every round."""
        is_gone = self._attempt(tenant_id, lambda one: self._lifecycle.purge(one, by=BY))
        if not is_gone:
            with self._catalog.begin() as session:
                session.execute(_POSTPONE, {"tenant_id": tenant_id, "later": now() + POSTPONED})
        return is_gone

    def _close(self, tenant_id: str) -> None:
        """Nothing comes back; the company is closed, unless its owners have thought better of it meanwhile."""
        with self._catalog.begin() as session:
            is_leaving = session.scalars(_CLOSE, {"tenant": tenant_id}).one_or_none() is not None
        if is_leaving:
            self._lifecycle.delete(tenant_id, timedelta(0))

    def _attempt(self, name: str, step: Callable[[str], object]) -> bool:
        try:
            step(name)
        except RECOVERABLE_ERRORS:
            log.exception("not_cleared", name=name)
            return False
        return True
