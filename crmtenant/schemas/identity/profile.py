"""A person's own profile in JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from crmtenant.schemas.base import Changes, Draft
from crmtenant.schemas.fields import Line
from crmtenant.schemas.identity.person import PersonOut
from crmtenant.schemas.identity.registration import Password, SignInEmail
from crmtenant.schemas.identity.session import TRANSPORT, Transport
from crmtenant.services.identity.users import User


class ProfileOut(PersonOut):
    """A person and their settings."""

    wants_reminders: bool = Field(description="Whether a mail each morning lists the tasks that are due.")


class ProfilePatch(Changes):
    """Changes to one's own profile. A new e-mail address needs the current password."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset({"id"})

    name: Line | None = None
    email: SignInEmail | None = None
    wants_reminders: bool | None = None
    current_password: Password | None = Field(None, description="Required to change the e-mail address.")


class PasswordDraft(Draft):
    """The new password and the current one."""

    current_password: Password
    new_password: Password
    transport: Transport = TRANSPORT


def dump_profile(user: User) -> dict[str, Any]:
    """Return the JSON of `ProfileOut`."""
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "wants_reminders": user.wants_reminders,
    }
