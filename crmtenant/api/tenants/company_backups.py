"""A company's backups, as its people see them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyProfile
from crmtenant.schemas.tenants import company
from crmtenant.services.backups import company_backups


@view_defaults(context=CompanyProfile)
class CompanyBackupViews:
    """When the company was saved, and how well."""

    def __init__(self, context: CompanyProfile, request: Any) -> None:  # noqa: ARG002 (a view's signature)
        self.platform = context.tenant.platform
        self.identity = context.tenant.identity
        self.company_id = self.identity.company_id

    @view_config(
        name="backups",
        request_method="GET",
        permission=Permission.BACKUP_SEE,
        operation="list_company_backups",
        out=company.BackupsOut,
        summary="When the company was saved, and when that was last proven",
    )
    def backups(self) -> Response:
        """The newest backups, the newest first."""
        with self.platform.catalog.reading() as reader:
            found = company_backups.newest(reader, self.company_id)
        return json_response({"items": [asdict(one) for one in found]})
