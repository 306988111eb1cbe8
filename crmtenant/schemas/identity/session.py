"""Signing in, in JSON: what a person sends, and the tokens that come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from crmtenant.permissions import Role
from crmtenant.schemas.base import Draft
from crmtenant.schemas.identity.person import PersonOut
from crmtenant.services.identity.sessions import SignIn
from crmtenant.services.identity.users import Company

Transport = Literal["cookie", "body"]
TRANSPORT: Any = Field(
    "cookie", description="How the refresh token travels; body is for clients without cookies."
)


class SignInDraft(Draft):
    """Who signs in. What is no e-mail address and no password is wrong, not malformed: nobody learns which."""

    email: str = Field(description="The e-mail address.")
    password: str = Field(json_schema_extra={"format": "password"})
    company: str | None = Field(None, description="The id or slug of the company to work in.")
    transport: Transport = TRANSPORT


class RefreshDraft(Draft):
    """A refresh token from a client that keeps no cookies; others send no body."""

    refresh_token: str | None = None


class SwitchDraft(Draft):
    """The company to work in from now on."""

    company: str = Field(description="The id or slug of another company of the person.")


class CompanyRef(BaseModel):
    """A company in short."""

    id: str
    name: str
    slug: str


class CompanyWithRole(CompanyRef):
    """A company the person belongs to, and as what."""

    role: Role


class Opened(BaseModel):
    """An access token and whose it is. `refresh_token` only for clients that asked for it in the body."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds from when the token was issued.")
    refresh_token: str | None = None
    user: PersonOut
    company: CompanyRef
    role: Role


class OpenedByPerson(Opened):
    """The same, and every company the person belongs to."""

    companies: list[CompanyWithRole]


class SignInOut(BaseModel):
    """A device somebody is signed in on."""

    id: str
    company: dict[str, str]
    user_agent: str | None
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    is_current: bool


class SignInsOut(BaseModel):
    """Where a person is signed in."""

    items: list[SignInOut]


def dump_companies(companies: list[Company]) -> list[dict[str, Any]]:
    """The JSON of `CompanyWithRole`, for each."""
    return [
        {"id": company.id, "name": company.name, "slug": company.slug, "role": company.role}
        for company in companies
    ]


def dump_sign_in(sign_in: SignIn, current_id: str) -> dict[str, Any]:
    """The JSON of `SignInOut`."""
    return {
        "id": sign_in.id,
        "company": {"id": sign_in.company_id, "name": sign_in.company_name},
        "user_agent": sign_in.user_agent,
        "created_at": sign_in.created_at,
        "used_at": sign_in.used_at,
        "expires_at": sign_in.expires_at,
        "is_current": sign_in.id == current_id,
    }
