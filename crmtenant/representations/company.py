"""Who asks, and in which company, in JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from crmtenant.permissions import Permission, Role
from crmtenant.security.identity import Identity


class CompanyOut(BaseModel):
    """A company as its people see it."""

    id: str
    name: str
    slug: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None


class PersonOut(BaseModel):
    """A person as they see themselves."""

    id: str
    name: str
    email: str


class WhoAmI(BaseModel):
    """The company, the person, their role there and what it permits, and where everything is."""

    company: CompanyOut
    user: PersonOut
    role: Role
    permissions: list[Permission]
    links: dict[str, str]


def dump(identity: Identity, links: dict[str, str]) -> dict[str, Any]:
    """The JSON of `WhoAmI`."""
    return {
        "company": {
            "id": identity.company_id,
            "name": identity.company_name,
            "slug": identity.slug,
            "country": identity.country,
            "currency": identity.currency,
            "language": identity.language,
            "time_zone": identity.time_zone,
        },
        "user": {"id": identity.person_id, "name": identity.person_name, "email": identity.email},
        "role": identity.role,
        "permissions": sorted(identity.permissions),
        "links": links,
    }
