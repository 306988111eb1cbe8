"""The deletion of the company, as an owner requests it."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyDeletion
from crmtenant.schemas.base import load
from crmtenant.schemas.tenants.deletion import DeletionDraft, DeletionOut, dump_deletion
from crmtenant.services.tenants.deletion_requests import DeletionRequests, Requester


@view_defaults(context=CompanyDeletion, permission=Permission.COMPANY_DELETE)
class DeletionViews:
    """The request to delete the company."""

    def __init__(self, context: CompanyDeletion, request: Any) -> None:
        self.request = request
        self.identity = context.tenant.identity
        self.deletion_requests: DeletionRequests = request.registry.platform.tenants.deletion_requests

    @view_config(
        request_method="PUT",
        body=DeletionDraft,
        out=DeletionOut,
        operation="announce_company_deletion",
        summary="Request the deletion of the company after 30 days",
    )
    def request_deletion(self) -> Response:
        """Return the moment after which the company is deleted. Its owners are notified by mail."""
        draft = load(DeletionDraft, read_json(self.request))
        identity = self.identity
        requester = Requester(
            identity.company_id, identity.company_name, identity.language, identity.person_name
        )
        return json_response(dump_deletion(self.deletion_requests.request(requester, draft.company)))

    @view_config(
        request_method="DELETE",
        status=204,
        operation="call_off_company_deletion",
        summary="Cancel the deletion of the company",
    )
    def cancel(self) -> Response:
        """Keep the company."""
        self.deletion_requests.cancel(self.identity.company_id)
        return no_content()
