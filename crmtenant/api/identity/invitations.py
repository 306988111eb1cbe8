"""The company's open invitations. Accepting one is in `registrations`."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content
from crmtenant.permissions import Permission
from crmtenant.resources.public import InvitationCollection, InvitationResource
from crmtenant.schemas.identity.member import InvitationPage, InvitedOut, dump_invitation, dump_pending


@view_config(
    context=InvitationCollection,
    request_method="GET",
    permission=Permission.MEMBER_WRITE,
    out=InvitationPage,
    operation="list_invitations",
    summary="List open invitations",
)
def pending(context: InvitationCollection, request: Any) -> Response:
    """Return all of them on one page, the newest first."""
    memberships = request.registry.platform.identity.memberships
    found = memberships.pending(context.tenant.identity.company_id)
    return json_response({"items": [dump_pending(one) for one in found], "next": None, "next_cursor": None})


@view_defaults(context=InvitationResource, permission=Permission.MEMBER_WRITE)
class InvitationViews:
    """One open invitation."""

    def __init__(self, context: InvitationResource, request: Any) -> None:
        self.id = context.__name__
        self.identity = context.tenant.identity
        self.memberships = request.registry.platform.identity.memberships

    @view_config(
        name="resend",
        request_method="POST",
        out=InvitedOut,
        status=201,
        refuses=(404, 409, 429),
        operation="resend_invitation",
        summary="Send an invitation again",
    )
    def resend(self) -> Response:
        """Replace the invitation by a new one; the older link ends. The new token is returned only here."""
        invitation = self.memberships.resend(
            self.identity.company_id,
            self.id,
            actor_id=self.identity.user_id,
            actor_name=self.identity.person_name,
        )
        return json_response(dump_invitation(invitation), "201 Created")

    @view_config(
        request_method="DELETE",
        status=204,
        refuses=(404,),
        operation="withdraw_invitation",
        summary="Withdraw an invitation",
    )
    def withdraw(self) -> Response:
        """End the invitation."""
        self.memberships.withdraw(self.identity.company_id, self.id, actor_id=self.identity.user_id)
        return no_content()
