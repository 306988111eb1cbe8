"""A company's backups, as its members see them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from crmtenant.api.web.http import json_response
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyProfile
from crmtenant.schemas.tenants import company


@view_config(
    context=CompanyProfile,
    name="backups",
    request_method="GET",
    permission=Permission.BACKUP_SEE,
    operation="list_company_backups",
    out=company.BackupsOut,
    summary="List the company's backups and when they were last proven",
)
def list_backups(context: CompanyProfile, request: Any) -> Response:
    """Return the newest backups, the newest first."""
    found = request.registry.platform.tenants.backups.newest(context.tenant.identity.company_id)
    return json_response({"items": [asdict(backup) for backup in found]})
