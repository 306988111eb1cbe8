"""The public resources, which belong to no company."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.ids import is_id
from crmtenant.resources.base import OpaqueItem, Resource


class PublicPlace(Resource):
    """A resource that belongs to no company. Its responses, above all tokens, are never stored in a company's database."""


class RegistrationCollection(PublicPlace):
    """The registrations of companies."""


class RefreshSession(PublicPlace):
    """The renewal of an access token."""


class SwitchSession(PublicPlace):
    """The switch to another of the person's companies."""


class DemoSession(PublicPlace):
    """The sign-in to the demo company, open to anybody."""


class SupportSession(PublicPlace):
    """The use of an operator's link to enter a company that granted access."""


class CurrentSession(PublicPlace):
    """The sign-in of this device."""


class SessionResource(OpaqueItem, PublicPlace):
    """One of the person's sign-ins, at its id."""

    word, id_prefix = "session", "f"


class SessionCollection(PublicPlace):
    """The sign-ins of a person."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "refresh": RefreshSession,
        "switch": SwitchSession,
        "demo": DemoSession,
        "support": SupportSession,
        "current": CurrentSession,
    }
    item = SessionResource

    def __getitem__(self, segment: str) -> Resource:
        if is_id(SessionResource.id_prefix, segment):
            return SessionResource(self, segment)
        return super().__getitem__(segment)


class ProfilePassword(PublicPlace):
    """The password of the person who is signed in."""


class EmailChangeResending(PublicPlace):
    """The request to send the link for a new address again."""


class EmailChangeConfirmation(PublicPlace):
    """The use of a token from a mail to confirm a new address."""


class ProfileEmailChange(PublicPlace):
    """The address that the person who is signed in has asked for and not yet confirmed."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "resend": EmailChangeResending,
        "confirm": EmailChangeConfirmation,
    }


class ProfileNotifications(Resource):
    """What the person who is signed in wants to be told of in this company."""


class Profile(PublicPlace):
    """The person who is signed in, in whichever company."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "password": ProfilePassword,
        "email-change": ProfileEmailChange,
        "notifications": ProfileNotifications,
    }


class InvitationResource(OpaqueItem, PublicPlace):
    """One of the company's invitations, at its id."""

    word, id_prefix = "invitation", "i"


class InvitationCollection(PublicPlace):
    """The invitations: anybody accepts one here, and who may invite sees the company's."""

    item = InvitationResource

    def __getitem__(self, segment: str) -> Resource:
        if is_id(InvitationResource.id_prefix, segment):
            return InvitationResource(self, segment)
        return super().__getitem__(segment)


class PasswordResetRedemption(PublicPlace):
    """The use of a token from a mail to choose a new password."""


class PasswordResetCollection(PublicPlace):
    """The requests for a password reset."""

    children: ClassVar[dict[str, type[Resource]]] = {"take": PasswordResetRedemption}


class Welcome(PublicPlace):
    """What is available before signing in."""


class Health(PublicPlace):
    """The health of the process."""


class OpenApiDocument(PublicPlace):
    """The description of the API for machines."""


class Docs(PublicPlace):
    """The description of the API for people."""


PUBLIC_CHILDREN: dict[str, type[Resource]] = {
    "registrations": RegistrationCollection,
    "sessions": SessionCollection,
    "profile": Profile,
    "invitations": InvitationCollection,
    "password-resets": PasswordResetCollection,
    "welcome": Welcome,
    "health": Health,
    "openapi.json": OpenApiDocument,
    "docs": Docs,
}
