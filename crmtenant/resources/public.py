"""The places anyone may go."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Resource


class Registrations(Resource):
    """Where a company registers."""


class RefreshSession(Resource):
    """Where an access token is renewed."""


class SwitchSession(Resource):
    """Where a person goes over to another of their companies."""


class CurrentSession(Resource):
    """The sign-in of this device."""


class Sessions(Resource):
    """Where a person signs in."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "refresh": RefreshSession,
        "switch": SwitchSession,
        "current": CurrentSession,
    }


class Health(Resource):
    """Whether the process answers."""


class OpenApiDocument(Resource):
    """The description of all this for machines."""


class Docs(Resource):
    """The description of all this for people."""


PUBLIC_CHILDREN: dict[str, type[Resource]] = {
    "registrations": Registrations,
    "sessions": Sessions,
    "health": Health,
    "openapi.json": OpenApiDocument,
    "docs": Docs,
}
