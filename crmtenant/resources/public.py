"""The places anyone may go."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.ids import is_id
from crmtenant.resources.base import OpaqueItem, Resource


class PublicPlace(Resource):
    """A place that belongs to no company. What it answers, tokens above all, is not kept in a company's database."""


class Registrations(PublicPlace):
    """Where a company registers."""


class RefreshSession(PublicPlace):
    """Where an access token is renewed."""


class SwitchSession(PublicPlace):
    """Where a person goes over to another of their companies."""


class DemoSession(PublicPlace):
    """Where anybody may look around in the demo company."""


class CurrentSession(PublicPlace):
    """The sign-in of this device."""


class OneSession(OpaqueItem, PublicPlace):
    """Any one of the person's sign-ins, at its id."""

    word, id_prefix = "session", "f"


class Sessions(PublicPlace):
    """Where a person signs in, and sees where they are signed in."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "refresh": RefreshSession,
        "switch": SwitchSession,
        "demo": DemoSession,
        "current": CurrentSession,
    }
    item = OneSession

    def __getitem__(self, segment: str) -> Resource:
        if is_id(OneSession.id_prefix, segment):
            return OneSession(self, segment)
        return super().__getitem__(segment)


class ProfilePassword(PublicPlace):
    """One's own password."""


class Profile(PublicPlace):
    """The person who is signed in, in whatever company."""

    children: ClassVar[dict[str, type[Resource]]] = {"password": ProfilePassword}


class Invitations(PublicPlace):
    """Where somebody invited takes up their place."""


class TakenReset(PublicPlace):
    """Where somebody with a token from a mail chooses a new password."""


class PasswordResets(PublicPlace):
    """Where somebody says that they have forgotten their password."""

    children: ClassVar[dict[str, type[Resource]]] = {"take": TakenReset}


class Welcome(PublicPlace):
    """What there is for somebody who has not signed in."""


class Health(PublicPlace):
    """Whether the process answers."""


class OpenApiDocument(PublicPlace):
    """The description of all this for machines."""


class Docs(PublicPlace):
    """The description of all this for people."""


PUBLIC_CHILDREN: dict[str, type[Resource]] = {
    "registrations": Registrations,
    "sessions": Sessions,
    "profile": Profile,
    "invitations": Invitations,
    "password-resets": PasswordResets,
    "welcome": Welcome,
    "health": Health,
    "openapi.json": OpenApiDocument,
    "docs": Docs,
}
