"""An owner's wish that the company be deleted."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyDeletion
from crmtenant.schemas.base import load
from crmtenant.schemas.tenants.deletion import DeletionDraft, DeletionOut, dump_deletion
from crmtenant.services.identity import members
from crmtenant.services.mail import templates
from crmtenant.services.tenants import deletion_requests


@view_defaults(context=CompanyDeletion, permission=Permission.COMPANY_DELETE)
class DeletionViews:
    """The company's end, as its owners wish it."""

    def __init__(self, context: CompanyDeletion, request: Any) -> None:
        self.request = request
        self.platform = context.tenant.platform
        self.identity = context.tenant.identity

    @view_config(
        request_method="PUT",
        body=DeletionDraft,
        out=DeletionOut,
        summary="Have the company deleted after 30 days; until then everything goes on",
    )
    def announce(self) -> Response:
        """The moment after which the company is deleted. Its owners are told by mail."""
        draft = load(DeletionDraft, read_json(self.request))
        company_id = self.identity.company_id
        with self.platform.catalog.begin() as session:
            delete_after = deletion_requests.announce(session, company_id, draft.company)
            message = templates.company_deletion(
                self.identity.language,
                company=self.identity.company_name,
                person=self.identity.person_name,
                day=delete_after,
            )
            for email in members.owners_addresses(session, company_id):
                self.platform.mailbox.put(session, message, email, tenant_id=company_id)
        self.platform.directory.forget_company(company_id)
        return json_response(dump_deletion(delete_after))

    @view_config(request_method="DELETE", status=204, summary="Keep the company after all")
    def call_off(self) -> Response:
        """Nothing; the company stays."""
        with self.platform.catalog.begin() as session:
            deletion_requests.call_off(session, self.identity.company_id)
        self.platform.directory.forget_company(self.identity.company_id)
        return no_content()
