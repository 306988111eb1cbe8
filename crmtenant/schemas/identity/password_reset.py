"""A forgotten password, in JSON."""

from __future__ import annotations

from pydantic import Field

from crmtenant.schemas.base import Draft
from crmtenant.schemas.identity.registration import Password, SignInEmail


class ResetDraft(Draft):
    """Whose password was forgotten."""

    email: SignInEmail


class NewPasswordDraft(Draft):
    """The password to be, and the token that came by mail."""

    token: str = Field(description="The token from the mail.")
    password: Password
