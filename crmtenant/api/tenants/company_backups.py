"""A company's backups, as its people see them, and what its owners ask for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from crmtenant.api.tenants.company_jobs import asked_response, asker_of, jobs_of
from crmtenant.api.web.http import json_response, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyBackup, CompanyBackupCollection, CompanySandboxes
from crmtenant.schemas.base import load
from crmtenant.schemas.tenants import company
from crmtenant.schemas.tenants.job import JobOut, RestoreDraft, SandboxDraft


@view_config(
    context=CompanyBackupCollection,
    request_method="GET",
    permission=Permission.BACKUP_SEE,
    operation="list_company_backups",
    out=company.BackupsOut,
    summary="List the company's backups and when they were last proven",
)
def list_backups(context: CompanyBackupCollection, request: Any) -> Response:
    """Return the newest backups, the newest first."""
    found = request.registry.platform.tenants.backups.newest(context.tenant.identity.company_id)
    return json_response({"items": [asdict(backup) for backup in found]})


@view_config(
    context=CompanyBackupCollection,
    request_method="POST",
    permission=Permission.BACKUP_MAKE,
    operation="make_company_backup",
    out=JobOut,
    status=202,
    gives=("Location",),
    summary="Make a backup of the company and prove it",
)
def make_backup(context: CompanyBackupCollection, request: Any) -> Response:
    """Return the job that a worker does."""
    return asked_response(context, jobs_of(request).ask_backup(asker_of(context)))


@view_config(
    context=CompanyBackup,
    name="file",
    request_method="POST",
    permission=Permission.COMPANY_EXPORT,
    operation="make_company_backup_file",
    out=JobOut,
    status=202,
    gives=("Location",),
    summary="Make a company file of a backup",
)
def make_file(context: CompanyBackup, request: Any) -> Response:
    """Return the job that a worker does; its file can be downloaded for a day, and imported as any export."""
    return asked_response(context, jobs_of(request).ask_file(asker_of(context), context.__name__))


@view_config(
    context=CompanyBackup,
    name="restore",
    request_method="POST",
    permission=Permission.COMPANY_COPY,
    operation="restore_company_backup",
    body=RestoreDraft,
    out=JobOut,
    status=202,
    gives=("Location",),
    summary="Restore a backup as a new company",
)
def restore_backup(context: CompanyBackup, request: Any) -> Response:
    """Return the job that a worker does. This company stays as it is."""
    draft = load(RestoreDraft, read_json(request))
    return asked_response(
        context, jobs_of(request).ask_restore(asker_of(context), context.__name__, draft.name)
    )


@view_config(
    context=CompanySandboxes,
    request_method="POST",
    permission=Permission.COMPANY_COPY,
    operation="make_sandbox",
    body=SandboxDraft,
    out=JobOut,
    status=202,
    gives=("Location",),
    summary="Copy the company as a sandbox",
)
def make_sandbox(context: CompanySandboxes, request: Any) -> Response:
    """Return the job that a worker does."""
    draft = load(SandboxDraft, read_json(request))
    job = jobs_of(request).ask_sandbox(
        asker_of(context), draft.name, is_masked=draft.is_masked, days=draft.days
    )
    return asked_response(context, job)
