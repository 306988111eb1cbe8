"""The members of a company."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content, query_pairs, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.member import MemberCollection, MemberResource
from crmtenant.schemas.base import load, load_query
from crmtenant.schemas.identity.member import (
    InvitedOut,
    MemberDraft,
    MemberOut,
    MemberPage,
    MemberPatch,
    MemberQuery,
    dump,
    dump_invitation,
)
from crmtenant.services.members.memberships import Invitee, Memberships


class _Views:
    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.identity = context.tenant.identity
        self.company_id = self.identity.company_id
        self.memberships: Memberships = request.registry.platform.identity.memberships


@view_defaults(context=MemberCollection)
class MemberCollectionViews(_Views):
    """All members of the company."""

    @view_config(
        request_method="GET",
        permission=Permission.MEMBER_READ,
        query=MemberQuery,
        out=MemberPage,
        summary="List members",
    )
    def list(self) -> Response:
        """Return all of them on one page, by name."""
        query = load_query(MemberQuery, query_pairs(self.request))
        found = (
            self.memberships.left(self.company_id) if query.left else self.memberships.all(self.company_id)
        )
        return json_response({"items": [dump(member) for member in found], "next": None, "next_cursor": None})

    @view_config(
        request_method="POST",
        permission=Permission.MEMBER_WRITE,
        body=MemberDraft,
        out=InvitedOut,
        status=201,
        refuses=(429,),
        summary="Invite somebody to the company",
    )
    def invite(self) -> Response:
        """Return the invitation. Its token is returned only here."""
        draft = load(MemberDraft, read_json(self.request))
        invitation = self.memberships.invite(
            self.company_id,
            Invitee(draft.email, draft.name, draft.role),
            actor_id=self.identity.user_id,
            actor_name=self.identity.person_name,
        )
        return json_response(dump_invitation(invitation), "201 Created")


@view_defaults(context=MemberResource)
class MemberViews(_Views):
    """One member."""

    @view_config(
        request_method="GET", permission=Permission.MEMBER_READ, out=MemberOut, summary="Read a member"
    )
    def read(self) -> Response:
        """Return the member."""
        return json_response(dump(self.memberships.get(self.company_id, self.context.__name__)))

    @view_config(
        request_method="PATCH",
        permission=Permission.MEMBER_WRITE,
        body=MemberPatch,
        out=MemberOut,
        summary="Change a member's role",
    )
    def change(self) -> Response:
        """Change the role, as of the next request, and return the member."""
        patch = load(MemberPatch, read_json(self.request))
        if patch.role is None:
            return self.read()
        member = self.memberships.change_role(
            self.company_id, self.context.__name__, patch.role, actor_id=self.identity.user_id
        )
        return json_response(dump(member))

    @view_config(
        request_method="DELETE",
        permission=Permission.MEMBER_READ,
        status=204,
        refuses=(403, 409),
        summary="Remove a member, or leave the company",
    )
    def remove(self) -> Response:
        """Remove the person from the company. Everybody may remove themselves, but for the last owner; others only who
        may change members."""
        self.memberships.remove(self.company_id, self.context.__name__, actor_id=self.identity.user_id)
        return no_content()
