"""The jobs that a company's owners asked for."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.downloads import ZIP, zip_response
from crmtenant.api.web.http import json_response
from crmtenant.clock import now
from crmtenant.errors import NotFound
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyJobCollection, CompanyJobResource
from crmtenant.resources.links import path_of
from crmtenant.schemas.tenants.job import AllowancesOut, JobOut, JobsOut, dump_allowances, dump_job
from crmtenant.services.tenants.company_job_rows import JobRecord
from crmtenant.services.tenants.company_jobs import Asker, CompanyJobs


def jobs_of(request: Any) -> CompanyJobs:
    """Return what takes jobs."""
    jobs: CompanyJobs = request.registry.platform.tenants.jobs
    return jobs


def asker_of(context: Any) -> Asker:
    """Return the company of this place and who asks for something there."""
    identity = context.tenant.identity
    return Asker(identity.company_id, identity.user_id, identity.expires_at)


def asked_response(context: Any, job: JobRecord) -> Response:
    """Return 202 with the job and where it is found."""
    place = path_of(context.tenant["company"]["jobs"][job.id])
    return json_response(dump_job(job), "202 Accepted", [("Location", place)])


@view_defaults(context=CompanyJobCollection, permission=Permission.COMPANY_COPY)
class CompanyJobsViews:
    """All jobs of the company."""

    def __init__(self, context: CompanyJobCollection, request: Any) -> None:
        self.context = context
        self.request = request

    @view_config(
        request_method="GET", operation="list_company_jobs", out=JobsOut, summary="List the company's jobs"
    )
    def list(self) -> Response:
        """Return the newest jobs, the newest first."""
        found = jobs_of(self.request).newest(self.context.tenant.identity.company_id)
        return json_response({"items": [dump_job(job) for job in found]})

    @view_config(
        name="allowances",
        request_method="GET",
        operation="read_company_allowances",
        out=AllowancesOut,
        summary="Read how many backups, restores and sandboxes are left",
    )
    def allowances(self) -> Response:
        """Return what was used, and how much there is."""
        return json_response(dump_allowances(jobs_of(self.request).allowances(asker_of(self.context))))


@view_defaults(context=CompanyJobResource, permission=Permission.COMPANY_COPY)
class CompanyJobViews:
    """One job."""

    def __init__(self, context: CompanyJobResource, request: Any) -> None:
        self.job_id = context.__name__
        self.company_id = context.tenant.identity.company_id
        self.slug = context.tenant.identity.slug
        self.files = request.registry.platform.tenants.job_files
        self.jobs = jobs_of(request)

    @view_config(request_method="GET", operation="read_company_job", out=JobOut, summary="Read a job")
    def read(self) -> Response:
        """Return the job as it is now."""
        return json_response(dump_job(self.jobs.get(self.company_id, self.job_id)))

    @view_config(
        name="file",
        request_method="GET",
        permission=Permission.COMPANY_EXPORT,
        operation="download_company_backup_file",
        gives=("Content-Disposition",),
        summary="Download the file that a job made",
        media={"out": (ZIP,)},
    )
    def download(self) -> Response:
        """Return the file, as an export is; not found before it is made, and after a day."""
        job = self.jobs.get(self.company_id, self.job_id)
        if job.file_until is None or job.file_until < now():
            raise NotFound
        return zip_response(self.files.open(job.id), f"{self.slug}-{job.created_at:%Y-%m-%d}")

    @view_config(
        name="cancel",
        request_method="POST",
        operation="cancel_company_job",
        out=JobOut,
        status=202,
        summary="Cancel a job",
    )
    def cancel(self) -> Response:
        """Return the job, which the worker breaks off."""
        return json_response(dump_job(self.jobs.cancel(self.company_id, self.job_id)), "202 Accepted")
