"""The companies of an installation, as operators see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from crmtenant.models.catalog import Tenant

if TYPE_CHECKING:
    from crmtenant.db.reader import Reader

_COLUMNS = (
    Tenant.id,
    Tenant.slug,
    Tenant.name,
    Tenant.state,
    Tenant.country,
    Tenant.currency,
    Tenant.language,
    Tenant.time_zone,
    Tenant.database,
    Tenant.password_version,
)
_NAMED = select(*_COLUMNS).where(or_(Tenant.id == bindparam("name"), Tenant.slug == bindparam("name")))
_NEWEST = (
    select(*_COLUMNS)
    .where(Tenant.state != "deleted")
    .order_by(Tenant.created_at.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class CompanyPlace:
    """A company, and where its database is."""

    id: str
    slug: str
    name: str
    state: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    database: str
    password_version: int


def named(reader: Reader, name: str) -> CompanyPlace | None:
    """The company with this slug or id, in whatever state, or None."""
    row = reader.row(_NAMED, {"name": name})
    return CompanyPlace(*row) if row else None


def newest(reader: Reader, most: int) -> list[CompanyPlace]:
    """The newest companies that are not deleted, at most so many."""
    return [CompanyPlace(*row) for row in reader.rows(_NEWEST, {"most": most})]
