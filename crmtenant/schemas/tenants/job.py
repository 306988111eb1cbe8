"""Jobs of a company in JSON, and what owners ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields import Line
from crmtenant.services.tenants.company_job_rows import JobRecord
from crmtenant.services.tenants.company_jobs import Allowance

MOST_DAYS = 90

JobKind = Literal["backup", "file", "restore", "sandbox"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
JobStep = Literal["saving", "proving", "restoring", "packing", "masking", "finishing"]
JobProblem = Literal["failed", "interrupted", "backup_gone", "backup_damaged", "not_owner"]


class RestoreDraft(Draft):
    """The name of the new company that a backup becomes."""

    name: Line


class SandboxDraft(Draft):
    """A copy of the company to try things out in. It sends no e-mails and is deleted after some days."""

    name: Line
    is_masked: bool = Field(
        True, description="Replace names, addresses, numbers, notes and tags before anybody can enter."
    )
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 14


class NewCompanyRef(BaseModel):
    """The company that a job made, as long as it exists."""

    id: str
    name: str
    slug: str
    expires_at: datetime | None


class JobOut(BaseModel):
    """A job, and what became of it."""

    id: str
    kind: JobKind
    state: JobState
    step: JobStep | None = Field(description="What is being done.")
    progress: int = Field(ge=0, le=100, description="Per cent.")
    is_cancelled: bool = Field(description="True as soon as an owner has cancelled it.")
    problem: JobProblem | None = Field(description="Why it failed.")
    asked_by: str
    backup_id: str | None = Field(description="The backup that it made, or made a file of.")
    file_until: datetime | None = Field(description="Until when the file that it made can be downloaded.")
    company: NewCompanyRef | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class JobsOut(BaseModel):
    """The newest jobs of the company, newest first."""

    items: list[JobOut]


class AllowanceOut(BaseModel):
    """How much was used, and of how much."""

    used: int
    limit: int


class AllowancesOut(BaseModel):
    """What the company's owners may still ask for: backups, files of them and restores in 24 hours, sandboxes at a time."""

    backup: AllowanceOut
    file: AllowanceOut
    restore: AllowanceOut
    sandbox: AllowanceOut


def dump_job(job: JobRecord) -> dict[str, Any]:
    """Return the JSON of `JobOut`."""
    own = {name: getattr(job, name) for name in JobOut.model_fields if name != "company"}
    return {**own, "company": _company(job)}


def _company(job: JobRecord) -> dict[str, Any] | None:
    if job.company_id is None:
        return None
    return {
        "id": job.company_id,
        "name": job.company_name,
        "slug": job.company_slug,
        "expires_at": job.company_expires_at,
    }


def dump_allowances(allowances: dict[str, Allowance]) -> dict[str, Any]:
    """Return the JSON of `AllowancesOut`."""
    return {kind: {"used": one.used, "limit": one.limit} for kind, one in allowances.items()}
