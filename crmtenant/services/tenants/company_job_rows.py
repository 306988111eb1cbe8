"""The rows of jobs, as the company's owners see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from crmtenant.errors import NotFound
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.tenants.job_files import KEPT

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

SHOWN = 20

LIVE = (CompanyJob.state == "waiting") | (CompanyJob.state == "running")
#: the company that a job has made
NEW_COMPANY = aliased(Tenant)
_COLUMNS = (
    CompanyJob.id,
    CompanyJob.kind,
    CompanyJob.state,
    CompanyJob.step,
    CompanyJob.progress,
    CompanyJob.is_cancelled,
    CompanyJob.problem,
    CompanyJob.asked_by,
    CompanyJob.backup_id,
    NEW_COMPANY.id,
    NEW_COMPANY.slug,
    NEW_COMPANY.name,
    NEW_COMPANY.expires_at,
    CompanyJob.created_at,
    CompanyJob.started_at,
    CompanyJob.ended_at,
)
_OF_COMPANY = (
    select(*_COLUMNS)
    .select_from(CompanyJob)
    .outerjoin(NEW_COMPANY, NEW_COMPANY.id == CompanyJob.new_tenant_id)
    .where(CompanyJob.tenant_id == bindparam("tenant_id"))
)
_ONE = _OF_COMPANY.where(CompanyJob.id == bindparam("job_id"))
_NEWEST = _OF_COMPANY.order_by(CompanyJob.created_at.desc(), CompanyJob.id).limit(SHOWN)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the company's owners see it; the company it made, if it did."""

    id: str
    kind: str
    state: str
    step: str | None
    progress: int
    is_cancelled: bool
    problem: str | None
    asked_by: str
    backup_id: str | None
    company_id: str | None
    company_slug: str | None
    company_name: str | None
    company_expires_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def file_until(self) -> datetime | None:
        """Until when the file that it made can be downloaded."""
        if self.kind != "file" or self.state != "done" or self.ended_at is None:
            return None
        return self.ended_at + KEPT


def find(reader: Reader, tenant_id: str, job_id: str) -> JobRecord:
    """Return this job of the company. Raises: `NotFound`."""
    row = reader.row(_ONE, {"tenant_id": tenant_id, "job_id": job_id})
    if row is None:
        raise NotFound
    return JobRecord(*row)


def newest(reader: Reader, tenant_id: str) -> list[JobRecord]:
    """Return the company's newest jobs, the newest first."""
    return [JobRecord(*row) for row in reader.rows(_NEWEST, {"tenant_id": tenant_id})]
