"""What a company has and may have, as its owners and administrators see it."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from crmtenant.api.web.http import json_response
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyProfile
from crmtenant.schemas.tenants.usage import UsageOut, dump_usage


@view_config(
    context=CompanyProfile,
    name="usage",
    request_method="GET",
    permission=Permission.USAGE_SEE,
    operation="read_company_usage",
    out=UsageOut,
    summary="Read what the company has, and how much it may have",
)
def read_usage(context: CompanyProfile, request: Any) -> Response:
    """Return bytes and rows as they were last measured, and seats as they are."""
    quotas = request.registry.platform.identity.quotas
    return json_response(dump_usage(quotas.use(context.tenant.identity.company_id)))
