"""Who asks, and in which company, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from crmtenant.permissions import Permission, Role
from crmtenant.schemas.base import Draft, patch_model
from crmtenant.schemas.fields import BLANK_IS_NULL, Country, Currency, Line
from crmtenant.schemas.fields.locales import Language, TimeZone
from crmtenant.security.identity import Identity
from crmtenant.services.tenants.companies import Company


class CompanyOut(BaseModel):
    """A company as its people see it."""

    id: str
    name: str
    slug: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    delete_after: datetime | None


class CompanyDraft(Draft):
    """What a company's people may say of it; where it is at home decides how its people read numbers and days."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset({"id", "slug", "delete_after"})

    name: Line
    country: Annotated[Country | None, BLANK_IS_NULL] = None
    currency: Annotated[Currency | None, BLANK_IS_NULL] = None
    language: Annotated[Language | None, BLANK_IS_NULL] = None
    time_zone: Annotated[TimeZone | None, BLANK_IS_NULL] = None


CompanyPatch = patch_model(CompanyDraft)


class BackupOut(BaseModel):
    """A backup of the company: when it was made, when it was last proven by restoring it."""

    made_at: datetime
    proven_at: datetime | None
    size_bytes: int
    is_sound: bool = Field(description="False when something was found wrong with it.")


class BackupsOut(BaseModel):
    """The newest backups of the company, newest first."""

    items: list[BackupOut]


class CompanyImportOut(BaseModel):
    """What came with the file, and how many of its people are somebody else here."""

    contacts: int
    projects: int
    columns: int
    tasks: int
    views: int
    people_kept: int
    people_replaced: int


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


_AT_HOME = ("country", "currency", "language", "time_zone")


def dump_company(company: Company) -> dict[str, Any]:
    """The JSON of `CompanyOut`."""
    return {name: getattr(company, name) for name in CompanyOut.model_fields}


def writable(company: Company) -> dict[str, Any]:
    """What of the company a patch may change, as JSON."""
    return {name: getattr(company, name) for name in CompanyDraft.model_fields}


def dump(identity: Identity, links: dict[str, str]) -> dict[str, Any]:
    """The JSON of `WhoAmI`."""
    return {
        "company": {
            "id": identity.company_id,
            "name": identity.company_name,
            **{name: getattr(identity, name) for name in ("slug", *_AT_HOME, "delete_after")},
        },
        "user": {"id": identity.user_id, "name": identity.person_name, "email": identity.email},
        "role": identity.role,
        "permissions": sorted(identity.permissions),
        "links": links,
    }
