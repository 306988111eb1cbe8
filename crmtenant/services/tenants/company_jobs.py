"""What owners ask for that takes rights or time a request does not have: a job, done by a worker.

A request writes the row and notifies the workers (ADR 24). A company has one job at a time, and so many as its
allowance permits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.pool.notify import COMPANY_JOB, publish
from crmtenant.errors import Conflict, NotFound
from crmtenant.ids import new_id
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.tables import Backup, CatalogBase, Tenant
from crmtenant.services.tenants import company_job_rows
from crmtenant.services.tenants.company_job_rows import LIVE, NEW_COMPANY, JobRecord

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader

DAY = timedelta(days=1)

_JOB = CatalogBase.metadata.tables[CompanyJob.__tablename__]
_ASK = insert(_JOB).on_conflict_do_nothing().returning(_JOB.c.id)

# Jobs of the last day that took something of the worker's; what failed by our fault does not count.
_COUNTS = CompanyJob.created_at > bindparam("since"), CompanyJob.state != "failed"
_STARTED = LIVE | CompanyJob.started_at.is_not(None)


def _asked_of_company(kind: str) -> Any:
    is_one = CompanyJob.tenant_id == bindparam("tenant_id"), CompanyJob.kind == kind
    return select(func.count()).where(*is_one, _STARTED, *_COUNTS).scalar_subquery()


# By person too: a restored company is one more that its owner could restore.
_RESTORES = (
    select(func.count())
    .where(
        or_(CompanyJob.tenant_id == bindparam("tenant_id"), CompanyJob.asked_by == bindparam("user_id")),
        CompanyJob.kind == "restore",
        _STARTED,
        *_COUNTS,
    )
    .scalar_subquery()
)
_SANDBOXES = (
    select(func.count())
    .select_from(CompanyJob)
    .join(NEW_COMPANY, NEW_COMPANY.id == CompanyJob.new_tenant_id)
    .where(
        CompanyJob.tenant_id == bindparam("tenant_id"),
        CompanyJob.kind == "sandbox",
        or_(NEW_COMPANY.state == "active", NEW_COMPANY.state == "suspended"),
    )
    .scalar_subquery()
)
KINDS = ("backup", "file", "restore", "sandbox")
_USED = select(_asked_of_company("backup"), _asked_of_company("file"), _RESTORES, _SANDBOXES)
_BACKUP_PROBLEM = select(Backup.problem).where(
    Backup.id == bindparam("backup_id"), Backup.tenant_id == bindparam("tenant_id")
)


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What an owner may ask for: backups (and as many files of them) and restores a day, sandboxes at a time."""

    backups: int
    restores: int
    sandboxes: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of one kind was used, of how much."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Asker:
    """The company that a job is about, and the owner who asks for it. `expires_at` is a sandbox's end."""

    company_id: str
    user_id: str
    expires_at: datetime | None = None


class CompanyJobs:
    """Takes and cancels jobs, and tells what became of them. Everything is of one company: no other has an id here."""

    def __init__(self, catalog: Catalog, limits: JobLimits) -> None:
        self._catalog = catalog
        self._limits = limits

    def ask_backup(self, asker: Asker) -> JobRecord:
        """Ask for a backup that is proven. Raises: `Conflict` (job_running, backups_used_up)."""
        return self._ask(asker, "backup", {})

    def ask_file(self, asker: Asker, backup_id: str) -> JobRecord:
        """Ask for the backup as a company file.

        Raises: `NotFound` unless the backup is the company's, `Conflict` (backup_damaged, job_running, files_used_up).
        """
        with self._catalog.reading() as reader:
            _require_usable(reader, asker.company_id, backup_id)
        return self._ask(asker, "file", {"backup_id": backup_id}, backup_id)

    def ask_restore(self, asker: Asker, backup_id: str, name: str) -> JobRecord:
        """Ask for a new company made of the backup.

        Raises: `NotFound` unless the backup is the company's, `Conflict` (backup_damaged, job_running,
        restores_used_up, is_sandbox).
        """
        _require_no_sandbox(asker)
        with self._catalog.reading() as reader:
            _require_usable(reader, asker.company_id, backup_id)
        return self._ask(asker, "restore", {"backup_id": backup_id, "name": name})

    def ask_sandbox(self, asker: Asker, name: str, *, is_masked: bool, days: int) -> JobRecord:
        """Ask for a copy of the company that sends no mails and is deleted after so many days.

        Raises: `Conflict` (job_running, sandboxes_used_up, is_sandbox).
        """
        _require_no_sandbox(asker)
        return self._ask(asker, "sandbox", {"name": name, "is_masked": is_masked, "days": days})

    def get(self, tenant_id: str, job_id: str) -> JobRecord:
        """Return this job of the company. Raises: `NotFound`."""
        with self._catalog.reading() as reader:
            return company_job_rows.find(reader, tenant_id, job_id)

    def newest(self, tenant_id: str) -> list[JobRecord]:
        """Return the company's newest jobs, the newest first."""
        with self._catalog.reading() as reader:
            return company_job_rows.newest(reader, tenant_id)

    def allowances(self, asker: Asker) -> dict[str, Allowance]:
        """Return what was used by kind, and how much there is."""
        with self._catalog.reading() as reader:
            row = reader.row(_USED, _used_values(asker))
        assert row is not None
        return self._allowances(row)

    def cancel(self, tenant_id: str, job_id: str) -> JobRecord:
        """Cancel the job: at once where it has not begun, otherwise the worker breaks it off.

        Raises: `NotFound`, `Conflict` (job_ended).
        """
        with self._catalog.begin() as session:
            job = session.get(CompanyJob, job_id, with_for_update=True)
            if job is None or job.tenant_id != tenant_id:
                raise NotFound
            if job.state not in {"waiting", "running"}:
                raise Conflict("The job has ended already.", code="job_ended")
            job.is_cancelled = True
            if job.state == "waiting":
                job.state, job.ended_at = "cancelled", now()
            publish(session, COMPANY_JOB, job_id)
        return self.get(tenant_id, job_id)

    def _ask(
        self, asker: Asker, kind: str, request: Mapping[str, Any], backup_id: str | None = None
    ) -> JobRecord:
        with self._catalog.begin() as session:
            # No two at once, so that both are not the last that is allowed.
            session.execute(
                select(Tenant.id).where(Tenant.id == asker.company_id).with_for_update(key_share=True)
            )
            self._require_allowed(session, asker, kind)
            job_id = _insert(session, asker, kind, request, backup_id)
            publish(session, COMPANY_JOB, job_id)
        return self.get(asker.company_id, job_id)

    def _require_allowed(self, session: Session, asker: Asker, kind: str) -> None:
        used = session.execute(_USED, _used_values(asker)).one()
        allowance = self._allowances(tuple(used))[kind]
        if allowance.used >= allowance.limit:
            raise _used_up(kind)

    def _allowances(self, used: tuple[int, ...]) -> dict[str, Allowance]:
        limits = self._limits
        pairs = zip(used, (limits.backups, limits.backups, limits.restores, limits.sandboxes), strict=True)
        return {kind: Allowance(*pair) for kind, pair in zip(KINDS, pairs, strict=True)}


def _used_values(asker: Asker) -> dict[str, Any]:
    return {"tenant_id": asker.company_id, "user_id": asker.user_id, "since": now() - DAY}


def _insert(
    session: Session, asker: Asker, kind: str, request: Mapping[str, Any], backup_id: str | None
) -> str:
    values = {
        "id": new_id("j"),
        "tenant_id": asker.company_id,
        "kind": kind,
        "state": "waiting",
        "asked_by": asker.user_id,
        "request": dict(request),
        "backup_id": backup_id,
    }
    job_id: str | None = session.scalars(_ASK, values).one_or_none()
    if job_id is None:
        raise Conflict("Another job of this company has not ended yet.", code="job_running")
    return job_id


def _require_usable(reader: Reader, tenant_id: str, backup_id: str) -> None:
    row = reader.row(_BACKUP_PROBLEM, {"tenant_id": tenant_id, "backup_id": backup_id})
    if row is None:
        raise NotFound
    if row[0] is not None:
        raise Conflict("This backup is damaged and cannot be restored.", code="backup_damaged")


def _require_no_sandbox(asker: Asker) -> None:
    if asker.expires_at is not None:
        raise Conflict("A sandbox cannot be copied itself.", code="is_sandbox")


def _used_up(kind: str) -> Conflict:
    if kind == "backup":
        return Conflict("No more backups can be made today.", code="backups_used_up")
    if kind == "file":
        return Conflict("No more files of backups can be made today.", code="files_used_up")
    if kind == "restore":
        return Conflict("No more backups can be restored today.", code="restores_used_up")
    return Conflict("The company has as many sandboxes as it may have.", code="sandboxes_used_up")
