"""What people see and change about themselves, in JSON."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields import OptionalLine
from crmtenant.schemas.identity.registration import Password, SignInEmail
from crmtenant.schemas.identity.session import TRANSPORT, Transport
from crmtenant.schemas.tenants.company import PersonOut


class ProfileOut(PersonOut):
    """A person, and what they wish."""

    wants_reminders: bool = Field(description="Whether a mail tells them each morning which tasks are due.")


class ProfilePatch(Draft):
    """What can be changed about oneself. Another address needs the password."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset({"id"})

    name: OptionalLine = None
    email: SignInEmail | None = None
    wants_reminders: bool | None = None
    current_password: Password | None = Field(None, description="Needed to change the address.")


class PasswordDraft(Draft):
    """A new password, and the one it replaces."""

    current_password: Password
    new_password: Password
    transport: Transport = TRANSPORT
