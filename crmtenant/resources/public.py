"""The places anyone may go."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.models.ids import is_id
from crmtenant.resources.base import Resource


class Registrations(Resource):
    """Where a company registers."""


class RefreshSession(Resource):
    """Where an access token is renewed."""


class SwitchSession(Resource):
    """Where a person goes over to another of their companies."""


class CurrentSession(Resource):
    """The sign-in of this device."""


class OneSession(Resource):
    """Any one of the person's sign-ins, at its id."""


class Sessions(Resource):
    """Where a person signs in, and sees where they are signed in."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "refresh": RefreshSession,
        "switch": SwitchSession,
        "current": CurrentSession,
    }

    def __getitem__(self, segment: str) -> Resource:
        if is_id("f", segment):
            return OneSession(self, segment)
        return super().__getitem__(segment)


class Invitations(Resource):
    """Where somebody invited takes up their place."""


class Health(Resource):
    """Whether the process answers."""


class OpenApiDocument(Resource):
    """The description of all this for machines."""


class Docs(Resource):
    """The description of all this for people."""


PUBLIC_CHILDREN: dict[str, type[Resource]] = {
    "registrations": Registrations,
    "sessions": Sessions,
    "invitations": Invitations,
    "health": Health,
    "openapi.json": OpenApiDocument,
    "docs": Docs,
}
