"""Password resets in JSON."""

from __future__ import annotations

from pydantic import Field

from crmtenant.schemas.base import Draft
from crmtenant.schemas.identity.registration import Password, SignInEmail


class ResetDraft(Draft):
    """Whose password to reset."""

    email: SignInEmail


class NewPasswordDraft(Draft):
    """The new password, and the token from the mail."""

    token: str = Field(description="The token from the mail.")
    password: Password
