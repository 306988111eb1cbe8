"""What a page may say to somebody it does not know yet, in JSON."""

from __future__ import annotations

from pydantic import BaseModel

from crmtenant.schemas.base import Draft
from crmtenant.schemas.identity.session import TRANSPORT, Transport


class DemoOut(BaseModel):
    """The demo company, which anybody may look around in."""

    company: str


class WelcomeOut(BaseModel):
    """Whether there is a demo company, what a password must be like, and whether a forgotten one can be replaced."""

    demo: DemoOut | None
    password_min_length: int
    can_reset_password: bool


class DemoSignInDraft(Draft):
    """How the tokens travel; a browser sends no body."""

    transport: Transport = TRANSPORT
