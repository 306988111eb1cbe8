"""The backup of the catalog: at least every hour, and within a minute after somebody joined, was invited, or has another
password or address, or the essentials of a company changed.

It is small, and what it has lost nobody else knows: who may enter which company.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.models.catalog.essentials_copy import EssentialsCopy
from crmtenant.models.catalog.tables import Backup, Invitation, Login, Membership, Server, Tenant
from crmtenant.services.backups.manifests import CATALOG
from crmtenant.services.backups.saving import THE_CATALOG
from crmtenant.services.jobs.backoff import Backoff

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.saving import Backups

BY = "worker"
EVERY = timedelta(hours=1)
#: One that could not be saved is tried again after this time.
RETRY = timedelta(minutes=10)

_LAST = (
    select(func.max(Backup.made_at))
    .where(Backup.tenant_id == bindparam("catalog"), Backup.problem.is_(None))
    .scalar_subquery()
)
_NEWEST_OF_EACH = (
    select(func.max(column)).scalar_subquery()
    for column in (
        Tenant.created_at,
        # A password that was changed is nowhere else.
        Login.updated_at,
        Membership.created_at,
        Invitation.created_at,
        Server.created_at,
    )
)
# Whatever else changed of the essentials has been copied since, into the company's own database.
_COPIED = select(func.max(EssentialsCopy.saved_at)).scalar_subquery()
_MOMENTS = select(_LAST, func.greatest(*_NEWEST_OF_EACH, _COPIED))


class CatalogBackup:
    """Saves the catalog when it is due, and proves each backup; one process at a time does it."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, backups: Backups, every: timedelta = EVERY
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._backups = backups
        self._every = every
        self._backoff = Backoff(RETRY)

    def save_due(self) -> bool:
        """Save the catalog if it is due; return whether it was saved. Failures are logged and tried again later."""
        with self._servers.try_lock(advisory_locks.CATALOG_BACKUP) as is_alone:
            if not is_alone or not self._backoff.allows(CATALOG) or not self._is_due():
                return False
            (outcome,) = self._backups.save_all([THE_CATALOG], by=BY)
            self._backoff.record(CATALOG, succeeded=outcome.problem is None)
            self._backups.sweep()
            return outcome.problem is None

    def _is_due(self) -> bool:
        with self._catalog.reading() as reader:
            ((last, joined),) = reader.rows(_MOMENTS, {"catalog": CATALOG})
        return last is None or last < now() - self._every or (joined is not None and joined > last)
