"""The nightly backup: saves each company without a proven backup since the scheduled time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, exists, or_, select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.models.catalog.tables import Backup, Tenant
from crmtenant.services.backups.saving import SAVED_STATES, THE_CATALOG, BackupSource
from crmtenant.services.jobs.backoff import Backoff

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.saving import BackupOutcome, Backups

BY = "worker"
#: The name of the lock; processes of an older release hold it by this name too.
#: A company that could not be saved is tried again after this time.
RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)

_HAS_PROVEN_BACKUP = exists().where(
    Backup.made_at >= bindparam("moment"), Backup.problem.is_(None), Backup.proven_at.is_not(None)
)
_DUE = (
    select(Tenant.id, Tenant.slug)
    .where(
        or_(*(Tenant.state == state for state in SAVED_STATES)),
        Tenant.created_at < bindparam("moment"),
        ~_HAS_PROVEN_BACKUP.where(Backup.tenant_id == Tenant.id),
    )
    .order_by(Tenant.slug)
)
_CATALOG_HAS_PROVEN_BACKUP = select(_HAS_PROVEN_BACKUP.where(Backup.tenant_id == THE_CATALOG.id))


def last_scheduled(at: time, moment: datetime) -> datetime:
    """Return the last time before this moment at which a backup was scheduled."""
    today = datetime.combine(moment.date(), at, UTC)
    return today if today <= moment else today - timedelta(days=1)


class NightlyBackup:
    """Saves every company once a night and proves each backup; one process at a time does it."""

    def __init__(self, catalog: Catalog, servers: ManagedServers, backups: Backups, at: time) -> None:
        self._catalog = catalog
        self._servers = servers
        self._backups = backups
        self._at = at
        self._backoff = Backoff(RETRY)

    def save_due(self) -> int:
        """Save the companies that are due; return how many were saved. Failures are logged and tried again later."""
        with self._servers.try_lock(advisory_locks.NIGHTLY_BACKUP) as is_alone:
            companies = self._due() if is_alone else []
            if not companies:
                return 0
            saved = sum(self._record(outcome) for outcome in self._backups.save_all(companies, by=BY))
            self._backups.sweep()
            return saved

    def _due(self) -> list[BackupSource]:
        moment = last_scheduled(self._at, now())
        with self._catalog.reading() as reader:
            due = [BackupSource(*row) for row in reader.rows(_DUE, {"moment": moment})]
            if due and reader.row(_CATALOG_HAS_PROVEN_BACKUP, {"moment": moment}) == (False,):
                due.insert(0, THE_CATALOG)
        return [company for company in due if self._backoff.allows(company.id)]

    def _record(self, outcome: BackupOutcome) -> bool:
        succeeded = outcome.problem is None
        self._backoff.record(outcome.company.id, succeeded=succeeded)
        return succeeded
