"""Sign-ins in JSON: what a person sends, and the tokens in the response."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from crmtenant.permissions import Role
from crmtenant.schemas.base import Draft, left_out
from crmtenant.schemas.identity.person import PersonOut
from crmtenant.services.identity.sessions import SignIn
from crmtenant.services.identity.sign_ins import SignedIn
from crmtenant.services.identity.users import CompanyMembership

Transport = Literal["cookie", "body"]
TRANSPORT: Any = Field(
    "cookie", description="How the refresh token is transported; `body` is for clients without cookies."
)


class SignInDraft(Draft):
    """Who signs in. Malformed addresses and passwords are answered like wrong ones, so that nobody learns which."""

    email: str = Field(description="The e-mail address.")
    password: str = Field(json_schema_extra={"format": "password"})
    company: str | None = Field(None, description="The id or slug of the company to work in.")
    transport: Transport = TRANSPORT


class RefreshDraft(Draft):
    """The refresh token of a client without cookies; others send no body."""

    refresh_token: str | None = Field(None, description="The token of the last answer.")


class SwitchDraft(Draft):
    """The company to switch to."""

    company: str = Field(description="The id or slug of another company of the person.")


class CompanyRef(BaseModel):
    """A reference to a company."""

    id: str
    name: str
    slug: str


class CompanyWithRole(CompanyRef):
    """A company the person belongs to, and their role in it."""

    role: Role


class Opened(BaseModel):
    """An access token and whose it is."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds from when the token was issued.")
    refresh_token: str = left_out("Only for clients that requested transport in the body.")
    user: PersonOut
    company: CompanyRef
    role: Role


class OpenedByPerson(Opened):
    """An access token, whose it is, and every company the person belongs to."""

    companies: list[CompanyWithRole]


class SignInOut(BaseModel):
    """A device that the person is signed in on."""

    id: str
    company: dict[str, str]
    user_agent: str | None
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    is_current: bool


class SignInsOut(BaseModel):
    """The devices that the person is signed in on."""

    items: list[SignInOut]


def dump_signed_in(signed_in: SignedIn) -> dict[str, Any]:
    """Return the JSON of `Opened` or `OpenedByPerson`, without the tokens."""
    company, companies = signed_in.company, signed_in.companies
    return {
        "user": {"id": signed_in.user_id, "name": signed_in.name, "email": signed_in.email},
        "company": {"id": company.id, "name": company.name, "slug": company.slug},
        "role": company.role,
        **({} if companies is None else {"companies": [_dump_membership(one) for one in companies]}),
    }


def _dump_membership(company: CompanyMembership) -> dict[str, Any]:
    return {"id": company.id, "name": company.name, "slug": company.slug, "role": company.role}


def dump_sign_in(sign_in: SignIn, current_id: str) -> dict[str, Any]:
    """Return the JSON of `SignInOut`."""
    return {
        "id": sign_in.id,
        "company": {"id": sign_in.company_id, "name": sign_in.company_name},
        "user_agent": sign_in.user_agent,
        "created_at": sign_in.created_at,
        "used_at": sign_in.used_at,
        "expires_at": sign_in.expires_at,
        "is_current": sign_in.id == current_id,
    }
