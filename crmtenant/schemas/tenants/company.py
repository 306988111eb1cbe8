"""Who is signed in and in which company, and the company itself, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from crmtenant.permissions import Permission, Role
from crmtenant.schemas.base import Draft, patch_model
from crmtenant.schemas.fields import BLANK_IS_NULL, Country, Currency, Line
from crmtenant.schemas.fields.locales import Language, TimeZone
from crmtenant.schemas.identity.person import PersonOut
from crmtenant.security.identity import Identity, Via
from crmtenant.services.tenants.companies import CompanyRecord


class CompanyOut(BaseModel):
    """A company as its members see it."""

    id: str
    name: str
    slug: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    delete_after: datetime | None
    expires_at: datetime | None = Field(description="When a sandbox is deleted.")


class CompanyDraft(Draft):
    """The settings of a company. The region decides how numbers and dates are formatted."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset({"id", "slug", "delete_after", "expires_at"})

    name: Line
    country: Annotated[Country | None, BLANK_IS_NULL] = None
    currency: Annotated[Currency | None, BLANK_IS_NULL] = None
    language: Annotated[Language | None, BLANK_IS_NULL] = None
    time_zone: Annotated[TimeZone | None, BLANK_IS_NULL] = None


CompanyPatch = patch_model(CompanyDraft)


class BackupOut(BaseModel):
    """A backup of the company: when it was made and when it was last proven by restoring it."""

    id: str
    made_at: datetime
    proven_at: datetime | None
    size_bytes: int
    is_sound: bool = Field(description="True once it was proven by restoring it.")
    has_failed: bool = Field(description="True if it could not be restored when that was tried.")


class BackupsOut(BaseModel):
    """The newest backups of the company, newest first."""

    items: list[BackupOut]


class WhoAmI(BaseModel):
    """The company, the person, their role and its permissions, and links to everything."""

    company: CompanyOut
    user: PersonOut
    role: Role
    permissions: list[Permission]
    via: Via = Field(description="How they came in: as a member, or with support access.")
    links: dict[str, str]


_REGION = ("country", "currency", "language", "time_zone")


def dump_company(company: CompanyRecord) -> dict[str, Any]:
    """Return the JSON of `CompanyOut`."""
    return {name: getattr(company, name) for name in CompanyOut.model_fields}


def writable(company: CompanyRecord) -> dict[str, Any]:
    """Return the JSON of what a patch may change."""
    return {name: getattr(company, name) for name in CompanyDraft.model_fields}


def dump(identity: Identity, links: dict[str, str]) -> dict[str, Any]:
    """Return the JSON of `WhoAmI`."""
    return {
        "company": {
            "id": identity.company_id,
            "name": identity.company_name,
            **{name: getattr(identity, name) for name in ("slug", *_REGION, "delete_after", "expires_at")},
        },
        "user": {"id": identity.user_id, "name": identity.person_name, "email": identity.email},
        "role": identity.role,
        "permissions": sorted(identity.permissions),
        "via": identity.via,
        "links": links,
    }
