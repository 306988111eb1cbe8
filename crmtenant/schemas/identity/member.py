"""Members of a company and invitations to it, in JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.permissions import Role
from crmtenant.schemas.base import Changes, Draft
from crmtenant.schemas.documents import Page
from crmtenant.schemas.fields import OptionalLine, UserId
from crmtenant.schemas.identity.registration import SignInEmail
from crmtenant.schemas.query import QueryFlag
from crmtenant.services.members.invitations import NewInvitation
from crmtenant.services.members.members import Member
from crmtenant.services.members.pending_invitations import MailState, PendingInvitation

RoleName = Literal["owner", "admin", "member", "viewer"]


class MemberDraft(Draft):
    """Whom to invite to the company."""

    email: SignInEmail
    name: OptionalLine = Field(None, description="The person's name, for the invitation.")
    role: RoleName = "member"


class MemberPatch(Changes):
    """A change of a member's role."""

    READ_ONLY = frozenset({"id", "name", "email", "created_at", "updated_at"})

    role: RoleName | None = None


class MemberQuery(BaseModel):
    """The query of a list of members."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    left: QueryFlag = Field(False, description="Those who left the company, in place of its members.")


class HandoverDraft(Draft):
    """Who goes on with the work of a member, present or former."""

    to: UserId | None = Field(None, description="A member; whoever asks, if nobody is named.")


class HandoverOut(BaseModel):
    """How many items of each noun have passed to somebody else, by collection: open tasks, projects that are neither
    done nor archived, contacts."""

    items: dict[str, int]


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
    """An invitation. Its token is returned only here; hand it over to the person where there is no mail."""

    id: str
    invitation_token: str
    email: str
    name: str | None
    role: Role
    expires_at: datetime
    mail: Literal["none", "waiting"] = Field(description="Whether a mail is on its way to the person.")


class InvitationOut(BaseModel):
    """An invitation that can still be accepted. `invited_by` is whoever made it or sent it last."""

    id: str
    email: str
    name: str | None
    role: Role
    invited_by: str
    invited_by_name: str
    created_at: datetime
    expires_at: datetime
    mail: MailState = Field(description="How far the mail about it has come; none where no mails are sent.")


class InvitationPage(Page[InvitationOut]):
    """All open invitations, the newest first, on one page."""


def dump(member: Member) -> dict[str, Any]:
    """Return the JSON of `MemberOut`."""
    return asdict(member)


def dump_pending(invitation: PendingInvitation) -> dict[str, Any]:
    """Return the JSON of `InvitationOut`."""
    return asdict(invitation)


def dump_invitation(invitation: NewInvitation) -> dict[str, Any]:
    """Return the JSON of `InvitedOut`."""
    return {
        "id": invitation.id,
        "invitation_token": invitation.token,
        "email": invitation.email,
        "name": invitation.name,
        "role": invitation.role,
        "expires_at": invitation.expires_at,
        "mail": "waiting" if invitation.is_mailed else "none",
    }
