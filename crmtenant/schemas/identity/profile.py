"""A person's own profile in JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from crmtenant.schemas.base import Changes, Draft
from crmtenant.schemas.fields import Line
from crmtenant.schemas.identity.person import PersonOut
from crmtenant.schemas.identity.registration import Password, SignInEmail
from crmtenant.schemas.identity.session import TRANSPORT, Transport
from crmtenant.services.profiles.email_changes import PendingEmail
from crmtenant.services.profiles.profiles import Profile


class PendingEmailOut(BaseModel):
    """An address that counts once it is confirmed by the mail that was sent to it."""

    email: str
    expires_at: datetime = Field(description="Until when it can be confirmed.")


class ProfileOut(PersonOut):
    """A person and their settings."""

    pending_email: PendingEmailOut | None = Field(
        description="The address that the person asked for and has not confirmed."
    )

    wants_reminders: bool = Field(description="Whether a mail each morning lists the tasks that are due.")


class ProfilePatch(Changes):
    """Changes to one's own profile. A new e-mail address needs the current password, and counts once it is
    confirmed by the mail that is sent to it; at once where no mails are sent."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset({"id", "pending_email"})

    name: Line | None = None
    email: SignInEmail | None = None
    wants_reminders: bool | None = None
    current_password: Password | None = Field(None, description="Required to change the e-mail address.")


class PasswordDraft(Draft):
    """The new password and the current one."""

    current_password: Password
    new_password: Password
    transport: Transport = TRANSPORT


class EmailConfirmationDraft(Draft):
    """The token that the mail to the new address brought."""

    token: str = Field(description="The token from the mail.")


def dump_pending_email(pending: PendingEmail) -> dict[str, Any]:
    """Return the JSON of `PendingEmailOut`."""
    return asdict(pending)


def dump_profile(profile: Profile) -> dict[str, Any]:
    """Return the JSON of `ProfileOut`."""
    user, pending = profile.user, profile.pending_email
    return {
        "pending_email": pending and dump_pending_email(pending),
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "wants_reminders": user.wants_reminders,
    }
