"""Forgetting what is old, once a day in each company: the trash, the log, and what batches could put back.

The trash is emptied as the company's own role, with the rules of the nouns, and is in the log. The log and the batches
are pruned with the worker's rights. Each slice is a transaction of its own, so whoever works in the company
waits for none for long, and a worker that ends has lost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ARRAY, Text, any_, bindparam, select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.interrupts import Interrupted
from crmtenant.db.admin.log_pruning import prune_batch_rows, prune_batches, prune_changes
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.migrations import served_revisions
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.tables import Server, Tenant
from crmtenant.services.changes.change_log import caused_by
from crmtenant.services.entities.change import Actor
from crmtenant.services.fleet.company_locations import COLUMNS, CompanyLocation
from crmtenant.services.jobs.backoff import Backoff
from crmtenant.services.overview.undo import KEPT_FOR
from crmtenant.services.writing.purging import purge_older

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.entities.registry import EntityRegistry

RETRY = timedelta(hours=1)
BY, RETENTION = "worker", "retention"
ROWS_AT_ONCE = 200
"""So many of the trash, with what belongs to them."""

log = structlog.get_logger(__name__)

_ACTIVE = (
    select(*COLUMNS)
    .join(Server, Server.id == Tenant.server_id)
    .where(
        Tenant.state == "active", Tenant.schema_revision == any_(bindparam("revisions", type_=ARRAY(Text)))
    )
    .order_by(Tenant.server_id, Tenant.id)
)


class Retention:
    """Forgets in the companies that are due; one process at a time does it.

    What was done today is remembered in memory: doing it again finds nothing.
    """

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        addresses: Addresses,
        entities: EntityRegistry,
        *,
        trash_days: int,
        history_days: int,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._addresses = addresses
        self._actor = Actor(BY, lambda _: True, may_manage_shared=True, entities=entities)
        self._trash, self._history = timedelta(days=trash_days), timedelta(days=history_days)
        self._clock = clock
        self._backoff = Backoff(RETRY, clock)
        self._done_on: dict[str, date] = {}

    def forget_due(self) -> int:
        """Forget in every company where it was not done today; return in how many."""
        with self._servers.try_lock(advisory_locks.RETENTION) as is_alone:
            return sum(map(self._forget, self._due())) if is_alone else 0

    def _due(self) -> list[CompanyLocation]:
        with self._catalog.reading() as reader:
            rows = reader.rows(_ACTIVE, {"revisions": list(served_revisions())})
        active = [CompanyLocation(*row) for row in rows]
        today = self._clock().date()
        self._done_on = {one.id: self._done_on[one.id] for one in active if one.id in self._done_on}
        return [one for one in active if self._done_on.get(one.id) != today and self._backoff.allows(one.id)]

    def _forget(self, company: CompanyLocation) -> bool:
        today = self._clock().date()
        try:
            trashed, pruned = self._empty_trash(company), self._prune(company)
        except Interrupted:
            return False
        except (*RECOVERABLE_ERRORS, OperatorError) as problem:
            log.warning("company_not_forgotten", tenant_id=company.id, reason=sentence(problem))
            self._backoff.record(company.id, succeeded=False)
            return False
        self._backoff.record(company.id, succeeded=True)
        self._done_on[company.id] = today
        if trashed or pruned:
            log.info("company_forgotten", tenant_id=company.id, trashed=trashed, pruned=pruned)
        return True

    def _empty_trash(self, company: CompanyLocation) -> int:
        before = self._clock() - self._trash
        return sum(
            self._until_nothing_is_left(partial(self._empty_slice, company, name, before))
            for name in self._actor.entities.by_name
        )

    def _empty_slice(self, company: CompanyLocation, noun: str, before: datetime) -> int:
        entity = self._actor.entities.by_name[noun]
        with self._catalog.broker.begin(self._addresses.of(company, company.id)) as session:
            caused_by(session, RETENTION)
            return purge_older(session, self._actor, entity, before, ROWS_AT_ONCE, is_everybodys=True)

    def _prune(self, company: CompanyLocation) -> int:
        moment = self._clock()
        address = self._servers.of(company.server_id).address.admin(company.database)
        with administering(address) as inside, self._servers.interrupts.breaking_off(inside.cancel):
            steps = (
                partial(prune_batch_rows, inside, moment - KEPT_FOR),
                partial(prune_batches, inside, moment - self._history),
                partial(prune_changes, inside, moment - self._history),
            )
            return sum(map(self._until_nothing_is_left, steps))

    def _until_nothing_is_left(self, step: Callable[[], int]) -> int:
        total = 0
        while found := step():
            total += found
            self._servers.interrupts.check()
        return total
