"""What is available before signing in, in JSON."""

from __future__ import annotations

from pydantic import BaseModel

from crmtenant.schemas.base import Draft
from crmtenant.schemas.identity.session import TRANSPORT, Transport


class DemoOut(BaseModel):
    """The demo company, which is open to anybody."""

    company: str


class WelcomeOut(BaseModel):
    """The demo company if there is one, the minimum length of passwords, and whether they can be reset by mail."""

    demo: DemoOut | None
    password_min_length: int
    can_reset_password: bool


class DemoSignInDraft(Draft):
    """How the refresh token is transported; a browser sends no body."""

    transport: Transport = TRANSPORT
