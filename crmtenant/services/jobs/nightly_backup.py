"""Which companies are to be saved tonight: those of which nothing sound was saved since the appointed hour."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, exists, or_, select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.models.catalog.tables import Backup, Tenant
from crmtenant.services.backups.saving import SAVED_STATES, THE_CATALOG, Company
from crmtenant.services.jobs.backoff import Setbacks

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.saving import Backups, Outcome

BY = "worker"
#: One that could not be saved is tried again after this time.
RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)

_SAVED = exists().where(
    Backup.made_at >= bindparam("moment"), Backup.problem.is_(None), Backup.proven_at.is_not(None)
)
_DUE = (
    select(Tenant.id, Tenant.slug)
    .where(
        or_(*(Tenant.state == state for state in SAVED_STATES)),
        Tenant.created_at < bindparam("moment"),
        ~_SAVED.where(Backup.tenant_id == Tenant.id),
    )
    .order_by(Tenant.slug)
)
_CATALOG_SAVED = select(_SAVED.where(Backup.tenant_id == THE_CATALOG.id))


def last_appointed(at: time, moment: datetime) -> datetime:
    """The last time it was so late, seen from this moment."""
    today = datetime.combine(moment.date(), at, UTC)
    return today if today <= moment else today - timedelta(days=1)


class NightlyBackup:
    """Saves every company once a night and proves each backup; one process at a time is at it."""

    def __init__(self, catalog: Catalog, servers: ManagedServers, backups: Backups, at: time) -> None:
        self._catalog = catalog
        self._servers = servers
        self._backups = backups
        self._at = at
        self._setbacks = Setbacks(RETRY)

    def save_due(self) -> int:
        """How many companies were saved. Those that were not are tried again, and are in the log."""
        with self._servers.try_lock(advisory_locks.NIGHTLY_BACKUP) as is_alone:
            companies = self._due() if is_alone else []
            if not companies:
                return 0
            saved = sum(self._note(outcome) for outcome in self._backups.save_all(companies, by=BY))
            self._backups.sweep()
            return saved

    def _due(self) -> list[Company]:
        moment = last_appointed(self._at, now())
        with self._catalog.reading() as reader:
            due = [Company(*row) for row in reader.rows(_DUE, {"moment": moment})]
            if due and reader.row(_CATALOG_SAVED, {"moment": moment}) == (False,):
                due.insert(0, THE_CATALOG)
        return [company for company in due if self._setbacks.may_be_tried(company.id)]

    def _note(self, outcome: Outcome) -> bool:
        went_well = outcome.problem is None
        self._setbacks.note(outcome.company.id, went_well=went_well)
        return went_well
