"""Migrating every company's database to this release's schema: in waves, a few first, stopping after a bad wave.

The template and the spares come before the companies, so new companies are at the new schema from the start. A
company that cannot be migrated stays entirely as it was, and the report says why. Running it again continues with
those that are left; where none is left it costs one catalog query.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ARRAY, Text, any_, bindparam, case, func, select, update

from crmtenant import advisory_locks
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.alembic_processes import Processes
from crmtenant.db.schema.migrations import head
from crmtenant.errors import OperatorError, Unavailable, sentence
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.fleet.pauses import Pause

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.migration_copies import KeptCopies, MigrationCopies

JOBS = 4
FIRST_WAVES = (0.05, 0.25)
TOLERATED_SHARE, TOLERATED_AT_LEAST = 0.05, 3

log = structlog.get_logger(__name__)

_COMPANIES = select(
    Tenant.id, Tenant.slug, Tenant.server_id, Tenant.database, Tenant.schema_revision, Tenant.went_back_at
)
_OF_COMPANY = _COMPANIES.where(Tenant.id == bindparam("tenant_id"))
_BEHIND = _COMPANIES.where(
    (Tenant.state == "active") | (Tenant.state == "suspended"),
    func.coalesce(Tenant.schema_revision, "") != bindparam("head"),
).order_by(Tenant.created_at)
_EXISTING = select(Tenant.slug).where(Tenant.slug == any_(bindparam("slugs", type_=ARRAY(Text))))
# No session holds a company here: looking for objects to synchronize would cost as much as the statement.
_UNSYNCHRONIZED = {"synchronize_session": False}
_RECORD_REVISION = (
    update(Tenant)
    # A company that was restored in the meantime has another database, whose revision is not ours to record.
    .where(Tenant.id == bindparam("tenant_id"), Tenant.database == bindparam("old_database"))
    .values(
        migrating_until=None,
        schema_revision=bindparam("revision"),
        went_back_at=case((Tenant.schema_revision == bindparam("revision"), Tenant.went_back_at)),
    )
    .execution_options(**_UNSYNCHRONIZED)
)


@dataclass(frozen=True, slots=True)
class OutdatedCompany:
    """A company whose database is not at this release's schema."""

    tenant_id: str
    slug: str
    server_id: int
    database: str
    revision: str
    went_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """The outcome for one company: the revision it is at now and, if that is not the new one, why."""

    company: OutdatedCompany
    revision: str
    problem: str | None = None


@dataclass(slots=True)
class MigrationReport:
    """The outcome for all companies. `is_stopped`: a wave failed too often, so the rest was left alone."""

    revision: str
    results: list[MigrationResult] = field(default_factory=list)
    left: int = 0
    is_stopped: bool = False

    @property
    def failed(self) -> list[MigrationResult]:
        """Return the results of the companies that stayed as they were."""
        return [result for result in self.results if result.problem is not None]


class FleetMigration:
    """Migrates the databases of companies."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, copies: MigrationCopies | None = None
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._copies = copies

    def behind(self, slugs: Sequence[str] = ()) -> list[OutdatedCompany]:
        """Return the companies that are not at this release's schema, the oldest first; only these slugs, if given.

        Those that went back behind a migration are among them only if they are named.
        """
        return [one for one in self._outdated() if (one.slug in slugs if slugs else one.went_back_at is None)]

    def gone_back(self) -> list[OutdatedCompany]:
        """Return the companies that went back behind a migration and stay there until they are named."""
        return [one for one in self._outdated() if one.went_back_at is not None]

    def _outdated(self) -> list[OutdatedCompany]:
        with self._catalog.reading() as reader:
            return [OutdatedCompany(*row) for row in reader.rows(_BEHIND, {"head": head("tenant")})]

    def known_slugs(self, slugs: Sequence[str]) -> set[str]:
        """Return those of the slugs that belong to a company."""
        with self._catalog.reading() as reader:
            return {slug for (slug,) in reader.rows(_EXISTING, {"slugs": list(slugs)})}

    def kept_bytes(
        self, companies: Sequence[OutdatedCompany], canaries: Sequence[str], keep_copies: KeptCopies
    ) -> int:
        """Return how large the databases are of which something is kept."""
        kept = [one for one in companies if _is_kept(keep_copies, is_canary=one.slug in canaries)]
        sizes = {one: self._servers.of(one).provisioner.sizes() for one in {one.server_id for one in kept}}
        return sum(sizes[one.server_id].get(one.database, 0) for one in kept)

    def catch_up(self, tenant_id: str) -> None:
        """Migrate a company in any state to this release's schema, unless it went back behind a migration.

        Raises: `OperatorError` if that fails; the company then is as it was.
        """
        with self._catalog.reading() as reader:
            row = reader.row(_OF_COMPANY, {"tenant_id": tenant_id})
        company = OutdatedCompany(*row) if row else None
        if company is None or company.went_back_at or company.revision == head("tenant"):
            return
        for result in self.migrate([company], jobs=1).failed:
            raise OperatorError(f"{company.slug} could not be migrated: {result.problem}")

    def migrate(
        self,
        companies: Sequence[OutdatedCompany],
        *,
        jobs: int = JOBS,
        canaries: Sequence[str] = (),
        tolerate: int | None = None,
        keep_copies: KeptCopies = "none",
        on_result: Callable[[MigrationResult], None] = lambda _: None,
    ) -> MigrationReport:
        """Migrate the companies; `on_result` is called with each result as it arrives.

        Up to `tolerate` failures stop nothing, by default 5 %, at least three. A canary that fails stops everything.
        A company of which a copy is wanted and cannot be kept is not migrated.
        Raises `Unavailable` while another process migrates.
        """
        report = MigrationReport(head("tenant"))
        limit = (
            max(TOLERATED_AT_LEAST, math.ceil(len(companies) * TOLERATED_SHARE))
            if tolerate is None
            else tolerate
        )
        with (
            self._servers.try_lock(advisory_locks.MIGRATION) as is_alone,
            Processes(max(1, jobs)) as processes,
        ):
            if not is_alone:
                raise Unavailable("Another process is migrating.")
            for wave, is_canary in _waves(companies, canaries):
                if report.is_stopped:
                    report.left += len(wave)
                    continue
                copies = self._copies if _is_kept(keep_copies, is_canary=is_canary) else None
                for result in self._migrate_wave(wave, jobs, processes, copies):
                    report.results.append(result)
                    on_result(result)
                report.is_stopped = len(report.failed) > (0 if is_canary else limit)
        return report

    def _migrate_wave(
        self,
        wave: Sequence[OutdatedCompany],
        jobs: int,
        processes: Processes,
        copies: MigrationCopies | None,
    ) -> Iterator[MigrationResult]:
        with ThreadPoolExecutor(max(1, min(jobs, len(wave)))) as pool:
            yield from pool.map(partial(self._migrate_one, processes, copies), wave)

    def _migrate_one(
        self, processes: Processes, copies: MigrationCopies | None, company: OutdatedCompany
    ) -> MigrationResult:
        try:
            return self._attempt(processes, copies, company)
        finally:
            if copies is not None:
                copies.end(company.tenant_id)

    def _attempt(
        self, processes: Processes, copies: MigrationCopies | None, company: OutdatedCompany
    ) -> MigrationResult:
        try:
            keep_copy = (
                copies.begin(company.tenant_id, company.server_id, company.database) if copies else _nothing
            )
            with Pause(self._catalog, company.tenant_id):
                keep_copy()
                changes = self._servers.of(company.server_id).changes
                revision = changes.apply(company.database, company.revision, processes)
        except RECOVERABLE_ERRORS as problem:
            log.warning("migration_failed", company=company.slug, reason=sentence(problem))
            self._record_revision(company, company.revision)
            return MigrationResult(company, company.revision, sentence(problem))
        self._record_revision(company, revision)
        return MigrationResult(company, revision)

    def _record_revision(self, company: OutdatedCompany, revision: str) -> None:
        self._execute(
            _RECORD_REVISION, tenant_id=company.tenant_id, old_database=company.database, revision=revision
        )

    def _execute(self, statement: object, **values: object) -> None:
        with self._catalog.begin() as session:
            session.execute(statement, values)  # type: ignore[call-overload]


def _is_kept(keep_copies: KeptCopies, *, is_canary: bool) -> bool:
    return keep_copies == "all" or (is_canary and keep_copies == "canaries")


def _nothing() -> None:
    """Keep nothing."""


def _waves(
    companies: Sequence[OutdatedCompany], canaries: Sequence[str]
) -> Iterator[tuple[Sequence[OutdatedCompany], bool]]:
    """Yield the canaries, then 5 %, 25 % and all of the others, each with whether it is the canaries' wave."""
    first = [company for company in companies if company.slug in canaries]
    rest = [company for company in companies if company.slug not in canaries]
    yield first, True
    start = 0
    for share in (*FIRST_WAVES, 1.0):
        end = max(start, math.ceil(len(rest) * share))
        yield rest[start:end], False
        start = end
