"""How large companies are, measured every day, and every hour once they near a quota; and warning their owners.

Rows are counted, not estimated, and without the trash: whoever deletes what is too much sees the number go down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, column, func, select, table, text
from sqlalchemy.dialects.postgresql import insert

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.interrupts import Interrupted
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.models.catalog.tables import Server, Tenant
from crmtenant.models.catalog.usage import QUOTAS, CompanyMeasure, QuotaWarning, UsageDay
from crmtenant.services.fleet.company_locations import COLUMNS, CompanyLocation
from crmtenant.services.identity.quotas import HOLDING, Holding
from crmtenant.services.jobs.backoff import Backoff
from crmtenant.services.mail import templates
from crmtenant.services.members import members
from crmtenant.services.monitoring.usage import prune

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.identity.quotas import Quotas, QuotaUse
    from crmtenant.services.mail.outbox import MailOutbox

EVERY, EVERY_NEAR_A_QUOTA = timedelta(days=1), timedelta(hours=1)
RETRY = timedelta(hours=1)
#: Owners are told once at each of these shares of a quota, and anew after it fell below the last.
WARN_AT, FULL_AT, FORGET_BELOW = 80, 100, 70

log = structlog.get_logger(__name__)

_ACTIVE = (
    select(*COLUMNS, *HOLDING)
    .join(Server, Server.id == Tenant.server_id)
    .outerjoin(CompanyMeasure, CompanyMeasure.tenant_id == Tenant.id)
    .where(Tenant.state == "active")
    .order_by(Tenant.server_id, Tenant.id)
)
_ONE = _ACTIVE.where(Tenant.id == bindparam("tenant_id"))
#: Whatever can be in the trash is a row of the company's.
_TABLES = text(
    "SELECT relname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " WHERE attname = 'deleted_at' AND relkind IN ('r', 'p') AND NOT relispartition"
    " AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


@dataclass(frozen=True, slots=True)
class MeasuredCompany(CompanyLocation):
    """A company, where its database is, and what it holds."""

    holding: Holding


class Measuring:
    """Measures the companies that are due; one process at a time does it."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        addresses: Addresses,
        quotas: Quotas,
        outbox: MailOutbox,
        *,
        days_kept: int,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._addresses = addresses
        self._quotas = quotas
        self._outbox = outbox
        self._days_kept = days_kept
        self._clock = clock
        self._backoff = Backoff(RETRY, clock)

    def measure_due(self) -> int:
        """Measure every company that is due, warn owners, and forget old days; return how many were measured."""
        with self._servers.try_lock(advisory_locks.MEASURING) as is_alone:
            if not is_alone:
                return 0
            prune(self._catalog, (self._clock() - timedelta(days=self._days_kept)).date())
            with self._catalog.reading() as reader:
                active = [_company(row) for row in reader.rows(_ACTIVE)]
            return self._measure([one for one in active if self._is_due(one)])

    def measure(self, tenant_id: str) -> None:
        """Measure this company now, if it is active and can be reached."""
        with self._catalog.reading() as reader:
            self._measure([_company(row) for row in reader.rows(_ONE, {"tenant_id": tenant_id})])

    def _is_due(self, company: MeasuredCompany) -> bool:
        if not self._backoff.allows(company.id):
            return False
        if company.holding.measured_at is None:
            return True
        is_near = self._quotas.share(company.holding) >= WARN_AT
        return self._clock() - company.holding.measured_at >= (EVERY_NEAR_A_QUOTA if is_near else EVERY)

    def _measure(self, companies: Iterable[MeasuredCompany]) -> int:
        sizes: dict[int, dict[str, int]] = {}
        done = 0
        for company in companies:
            if self._servers.interrupts.is_set:
                break
            try:
                if company.server_id not in sizes:
                    sizes[company.server_id] = self._servers.of(company.server_id).provisioner.sizes()
                self._record(company, sizes[company.server_id][company.database])
            except (*RECOVERABLE_ERRORS, Interrupted, KeyError) as problem:
                log.warning("company_not_measured", tenant_id=company.id, reason=sentence(problem))
                self._backoff.record(company.id, succeeded=False)
            else:
                self._backoff.record(company.id, succeeded=True)
                done += 1
        return done

    def _record(self, company: MeasuredCompany, size_bytes: int) -> None:
        measured = {"size_bytes": size_bytes, "row_count": self._rows(company)}
        moment = self._clock()
        of_company = insert(CompanyMeasure).values(tenant_id=company.id, measured_at=moment, **measured)
        of_day = insert(UsageDay).values(tenant_id=company.id, day=moment.date(), **measured)
        with self._catalog.begin() as session:
            session.execute(
                of_company.on_conflict_do_update(
                    index_elements=[CompanyMeasure.tenant_id], set_={**measured, "measured_at": moment}
                )
            )
            session.execute(
                of_day.on_conflict_do_update(index_elements=[UsageDay.day, UsageDay.tenant_id], set_=measured)
            )
            self._warn(session, company.id)

    def _rows(self, company: MeasuredCompany) -> int:
        with (
            self._catalog.broker.reading(self._addresses.of(company, company.id)) as reader,
            self._servers.interrupts.breaking_off(reader.cancel),
        ):
            names = tuple(name for (name,) in reader.rows(_TABLES))
            row = reader.row(_count_in(names)) if names else None
        return int(row[0]) if row else 0

    def _warn(self, session: Session, tenant_id: str) -> None:
        use = self._quotas.use_in(session, tenant_id)
        told = {one.kind: one for one in session.query(QuotaWarning).filter_by(tenant_id=tenant_id)}
        for kind in QUOTAS:
            percent, known = use.percent(kind) or 0, told.get(kind)
            level = max((at for at in (WARN_AT, FULL_AT) if percent >= at), default=0)
            if level > (known.percent if known else 0):
                warning = QuotaWarning(tenant_id=tenant_id, kind=kind, percent=level, told_at=self._clock())
                session.merge(warning)
                self._tell(session, tenant_id, kind, use)
            elif known and percent < FORGET_BELOW:
                session.delete(known)

    def _tell(self, session: Session, tenant_id: str, kind: str, use: QuotaUse) -> None:
        company = session.get_one(Tenant, tenant_id)
        message = templates.quota(
            company.language,
            company=company.name,
            kind=kind,
            used=use.used(kind),
            limit=getattr(use.limits, kind),
            is_full=(use.percent(kind) or 0) >= FULL_AT,
            link=self._outbox.company_link("/settings/company", company.slug),
        )
        for email in members.owners_addresses(session, tenant_id):
            self._outbox.put(session, message, email, tenant_id=tenant_id)


def _company(row: Sequence[Any]) -> MeasuredCompany:
    return MeasuredCompany(*[*row[: len(COLUMNS)], Holding(*row[len(COLUMNS) :])])


@cache
def _count_in(names: tuple[str, ...]) -> Any:
    """Return the statement that counts the rows of these tables which are not in the trash."""
    counts = (
        select(func.count())
        .select_from(table(name, column("deleted_at")))
        .where(column("deleted_at").is_(None))
        .scalar_subquery()
        for name in names
    )
    first, *rest = counts
    return select(sum(rest, first))
