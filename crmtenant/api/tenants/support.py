"""Support access, as owners grant it and everybody in the company sees it."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.company import SupportGrantCollection, SupportGrantResource
from crmtenant.resources.links import path_of
from crmtenant.schemas.base import load
from crmtenant.schemas.tenants.support import (
    SupportGrantDraft,
    SupportGrantOut,
    SupportGrantsOut,
    dump_grant,
)
from crmtenant.services.support.support_grants import SupportGrants


class _Views:
    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.identity = context.tenant.identity
        self.grants: SupportGrants = request.registry.platform.identity.support_grants


@view_defaults(context=SupportGrantCollection)
class SupportGrantsViews(_Views):
    """All grants of the company."""

    @view_config(
        request_method="GET",
        permission=Permission.COMPANY_READ,
        operation="list_support_grants",
        out=SupportGrantsOut,
        summary="List who granted support access, and who came",
    )
    def list(self) -> Response:
        """Return the newest grants, the newest first."""
        found = self.grants.of_company(self.identity.company_id)
        return json_response({"items": [dump_grant(grant) for grant in found]})

    @view_config(
        request_method="POST",
        permission=Permission.SUPPORT_GRANT,
        operation="grant_support",
        body=SupportGrantDraft,
        out=SupportGrantOut,
        status=201,
        gives=("Location",),
        summary="Grant support access to the company for a while",
    )
    def grant(self) -> Response:
        """Return the grant. Operators can enter until it is over or revoked."""
        draft = load(SupportGrantDraft, read_json(self.request))
        grant = self.grants.grant(
            self.identity.company_id,
            self.identity.user_id,
            role=draft.role,
            reason=draft.reason,
            hours=draft.hours,
        )
        place = path_of(self.context[grant.id])
        return json_response(dump_grant(grant), "201 Created", [("Location", place)])


@view_config(
    context=SupportGrantResource,
    request_method="DELETE",
    permission=Permission.SUPPORT_GRANT,
    attr="revoke",
    status=204,
    operation="revoke_support",
    summary="Revoke support access",
)
class SupportGrantViews(_Views):
    """One grant."""

    def revoke(self) -> Response:
        """End the grant, and throw out who is there, within a second."""
        self.grants.revoke(self.identity.company_id, self.context.__name__, by=self.identity.user_id)
        return no_content()
