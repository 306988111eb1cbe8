"""Members of a company and invitations to it, in JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.permissions import Role
from crmtenant.schemas.base import Draft
from crmtenant.schemas.documents import Page
from crmtenant.schemas.fields import OptionalLine
from crmtenant.schemas.identity.registration import SignInEmail
from crmtenant.services.identity.invitations import Invited
from crmtenant.services.identity.members import Member

RoleName = Literal["owner", "admin", "member", "viewer"]


class MemberDraft(Draft):
    """Somebody who is to belong to the company."""

    email: SignInEmail
    name: OptionalLine = Field(None, description="What to call them in the invitation.")
    role: RoleName = "member"


class MemberPatch(Draft):
    """What can be changed about a member: the role."""

    READ_ONLY = frozenset({"id", "name", "email", "created_at", "updated_at"})

    role: RoleName | None = None


class MemberQuery(BaseModel):
    """All members, without conditions."""

    model_config = ConfigDict(extra="forbid")


class MemberOut(BaseModel):
    """A member; the times are those of the membership."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    updated_at: datetime


class MemberPage(Page[MemberOut]):
    """All members, by name, on one page."""


class InvitedOut(BaseModel):
    """An invitation, for somebody who cannot sign in yet. The token is told this once; hand it over."""

    invitation_token: str
    email: str
    name: str | None
    role: Role
    expires_at: datetime


def dump(member: Member) -> dict[str, Any]:
    """The JSON of `MemberOut`."""
    return asdict(member)


def dump_invited(invited: Invited) -> dict[str, Any]:
    """The JSON of `InvitedOut`."""
    return {
        "invitation_token": invited.token,
        "email": invited.email,
        "name": invited.name,
        "role": invited.role,
        "expires_at": invited.expires_at,
    }
