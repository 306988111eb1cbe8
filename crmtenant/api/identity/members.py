"""The people of a company."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content, query_pairs, read_json
from crmtenant.errors import NotFound
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
    dump_invited,
)
from crmtenant.services.identity import invitations, members
from crmtenant.services.identity.users import read_email


class _Views:
    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.platform = request.registry.platform
        self.identity = context.tenant.identity
        self.company_id = self.identity.company_id


@view_defaults(context=MemberCollection)
class MemberCollectionViews(_Views):
    """Everybody who belongs to the company."""

    @view_config(
        request_method="GET",
        permission=Permission.MEMBER_READ,
        query=MemberQuery,
        out=MemberPage,
        summary="List members",
    )
    def list(self) -> Response:
        """All of them, by name."""
        load_query(MemberQuery, query_pairs(self.request))
        with self.platform.catalog.reading() as reader:
            found = members.find_all(reader, self.company_id)
        return json_response({"items": [dump(member) for member in found], "next": None})

    @view_config(
        request_method="POST",
        permission=Permission.MEMBER_WRITE,
        body=MemberDraft,
        out=InvitedOut,
        status=201,
        summary="Invite somebody to the company",
    )
    def invite(self) -> Response:
        """The invitation, to hand over: its token is told only here."""
        draft = load(MemberDraft, read_json(self.request))
        email, actor = read_email(draft.email), self.identity.user_id
        with self.platform.catalog.begin() as session:
            members.check_invitable(session, self.company_id, email, draft.role, actor_id=actor)
            invited = invitations.invite(
                session, self.company_id, email, draft.name, draft.role, actor_id=actor
            )
            invitations.mail_invitation(
                session, self.platform.mailbox, self.company_id, self.identity.person_name, invited
            )
        return json_response(dump_invited(invited), "201 Created")


@view_defaults(context=MemberResource)
class MemberViews(_Views):
    """One member."""

    @view_config(
        request_method="GET", permission=Permission.MEMBER_READ, out=MemberOut, summary="Read a member"
    )
    def read(self) -> Response:
        """The member."""
        with self.platform.catalog.reading() as reader:
            member = members.find(reader, self.company_id, self.context.__name__)
        if member is None:
            raise NotFound
        return json_response(dump(member))

    @view_config(
        request_method="PATCH",
        permission=Permission.MEMBER_WRITE,
        body=MemberPatch,
        out=MemberOut,
        summary="Change a member's role",
    )
    def change(self) -> Response:
        """The member in the new role, which counts from the next request on."""
        patch = load(MemberPatch, read_json(self.request))
        if patch.role is None:
            return self.read()
        with self.platform.catalog.begin() as session:
            member = members.change_role(
                session,
                self.company_id,
                self.context.__name__,
                patch.role,
                actor_id=self.identity.user_id,
            )
        self.platform.directory.forget_person(member.id)
        return json_response(dump(member))

    @view_config(
        request_method="DELETE",
        permission=Permission.MEMBER_WRITE,
        status=204,
        summary="Remove a member",
    )
    def remove(self) -> Response:
        """Nothing; the person does not belong to the company any more."""
        user_id = self.context.__name__
        with self.platform.catalog.begin() as session:
            members.remove(session, self.company_id, user_id, actor_id=self.identity.user_id)
        self.platform.directory.forget_person(user_id)
        return no_content()
