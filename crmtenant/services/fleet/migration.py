"""Bringing every company's database to this code's schema: in waves, a few first, and never past a bad wave.

The template and the spares come before the companies: whoever registers meanwhile is at the new schema already.
A company that cannot be migrated stays wholly as it was, and the report says why. Running it again goes on with
those that are left; where nobody is left it costs one catalog query.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ARRAY, Text, any_, bindparam, func, select, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.alembic_processes import Processes
from crmtenant.db.schema.migrations import head
from crmtenant.errors import Unavailable, sentence
from crmtenant.models.catalog.tables import Tenant

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog

JOBS = 4
#: Of a killed run nothing is left but this; then the company is served again, or migrated by the next run.
LEASE = timedelta(minutes=10)
FIRST_WAVES = (0.05, 0.25)
TOLERATED_SHARE, TOLERATED_LEAST = 0.05, 3

log = structlog.get_logger(__name__)

_BEHIND = (
    select(Tenant.id, Tenant.slug, Tenant.server_id, Tenant.database, Tenant.schema_revision)
    .where(
        (Tenant.state == "active") | (Tenant.state == "suspended"),
        func.coalesce(Tenant.schema_revision, "") != bindparam("head"),
    )
    .order_by(Tenant.created_at)
)
_KNOWN = select(Tenant.slug).where(Tenant.slug == any_(bindparam("slugs", type_=ARRAY(Text))))
# No session holds a company here: looking for one to bring up to date would cost as much as the statement.
_UNHELD = {"synchronize_session": False}
_BEGIN = (
    update(Tenant)
    .where(Tenant.id == bindparam("tenant_id"))
    .values(migrating_until=bindparam("until"))
    .execution_options(**_UNHELD)
)
_END = (
    update(Tenant)
    # A company restored meanwhile has another database, whose revision is not ours to tell.
    .where(Tenant.id == bindparam("tenant_id"), Tenant.database == bindparam("old_database"))
    .values(migrating_until=None, schema_revision=bindparam("revision"))
    .execution_options(**_UNHELD)
)


@dataclass(frozen=True, slots=True)
class Behind:
    """A company whose database is not at this code's schema."""

    tenant_id: str
    slug: str
    server_id: int
    database: str
    revision: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one company: the revision it is at now, and why it is not the new one."""

    company: Behind
    revision: str
    problem: str | None = None


@dataclass(slots=True)
class Report:
    """What became of all. `is_stopped`: a wave failed too often, so the rest was left alone."""

    revision: str
    results: list[Result] = field(default_factory=list)
    left: int = 0
    is_stopped: bool = False

    @property
    def failed(self) -> list[Result]:
        """The companies that stayed as they were."""
        return [result for result in self.results if result.problem is not None]


class Fleet:
    """Migrates companies. `on_result` hears of each as it is done."""

    def __init__(self, catalog: Catalog, servers: ManagedServers) -> None:
        self._catalog = catalog
        self._servers = servers

    def behind(self, slugs: Sequence[str] = ()) -> list[Behind]:
        """The companies that are not at this code's schema, the oldest first; of these slugs only, if given."""
        with self._catalog.reading() as reader:
            found = [Behind(*row) for row in reader.rows(_BEHIND, {"head": head("tenant")})]
        return [company for company in found if not slugs or company.slug in slugs]

    def known_slugs(self, slugs: Sequence[str]) -> set[str]:
        """Those of the slugs that are companies'."""
        with self._catalog.reading() as reader:
            return {slug for (slug,) in reader.rows(_KNOWN, {"slugs": list(slugs)})}

    def migrate(
        self,
        companies: Sequence[Behind],
        *,
        jobs: int = JOBS,
        canaries: Sequence[str] = (),
        tolerate: int | None = None,
        on_result: Callable[[Result], None] = lambda _: None,
    ) -> Report:
        """What became of the companies. `tolerate` failures stop nothing; by default 5 %, at least three.

        A canary that fails stops everything. Raises `Unavailable` while another process migrates.
        """
        report = Report(head("tenant"))
        limit = (
            max(TOLERATED_LEAST, math.ceil(len(companies) * TOLERATED_SHARE))
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
                for result in self._wave(wave, jobs, processes):
                    report.results.append(result)
                    on_result(result)
                report.is_stopped = len(report.failed) > (0 if is_canary else limit)
        return report

    def _wave(self, wave: Sequence[Behind], jobs: int, processes: Processes) -> Iterator[Result]:
        with ThreadPoolExecutor(max(1, min(jobs, len(wave)))) as pool:
            yield from pool.map(partial(self._one, processes), wave)

    def _one(self, processes: Processes, company: Behind) -> Result:
        try:
            self._say(_BEGIN, tenant_id=company.tenant_id, until=now() + LEASE)
            changes = self._servers.of(company.server_id).changes
            revision = changes.apply(company.database, company.revision, processes)
        except RECOVERABLE_ERRORS as problem:
            log.warning("not_migrated", company=company.slug, reason=sentence(problem))
            self._end(company, company.revision)
            return Result(company, company.revision, sentence(problem))
        self._end(company, revision)
        return Result(company, revision)

    def _end(self, company: Behind, revision: str) -> None:
        self._say(_END, tenant_id=company.tenant_id, old_database=company.database, revision=revision)

    def _say(self, statement: object, **values: object) -> None:
        with self._catalog.begin() as session:
            session.execute(statement, values)  # type: ignore[call-overload]


def _waves(companies: Sequence[Behind], canaries: Sequence[str]) -> Iterator[tuple[Sequence[Behind], bool]]:
    """The canaries, then 5 %, 25 % and all of the rest; and whether they are the canaries."""
    first = [company for company in companies if company.slug in canaries]
    rest = [company for company in companies if company.slug not in canaries]
    yield first, True
    start = 0
    for share in (*FIRST_WAVES, 1.0):
        end = max(start, math.ceil(len(rest) * share))
        yield rest[start:end], False
        start = end
