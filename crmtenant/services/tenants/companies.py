"""The companies of an installation, and the settings that their people change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from crmtenant.errors import NotFound
from crmtenant.models.catalog.tables import Server, Tenant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.identity.access import AccessDirectory

_COLUMNS = (
    Tenant.id,
    Tenant.slug,
    Tenant.name,
    Tenant.state,
    Tenant.country,
    Tenant.currency,
    Tenant.language,
    Tenant.time_zone,
    Tenant.delete_after,
    Tenant.expires_at,
)
_PLACED = select(
    *_COLUMNS,
    Tenant.database,
    Tenant.epoch,
    Tenant.password_version,
    Tenant.schema_revision,
    Server.host,
    Server.port,
    Server.id,
).join(Server, Server.id == Tenant.server_id)
_BY_NAME = _PLACED.where(or_(Tenant.id == bindparam("name"), Tenant.slug == bindparam("name")))
_NEWEST = (
    _PLACED.where(Tenant.state != "deleted").order_by(Tenant.created_at.desc()).limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A company as the catalog describes it."""

    id: str
    slug: str
    name: str
    state: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    delete_after: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class CompanyPlace(CompanyRecord):
    """A company and where its database is."""

    database: str
    epoch: int
    password_version: int
    schema_revision: str | None
    host: str | None
    port: int | None
    server_id: int


class Companies:
    """Reads companies and changes their settings."""

    def __init__(self, catalog: Catalog, access: AccessDirectory) -> None:
        self._catalog = catalog
        self._access = access

    def find(self, name: str) -> CompanyPlace | None:
        """Return the company with this slug or id, in whatever state, or None."""
        with self._catalog.reading() as reader:
            return find(reader, name)

    def get(self, name: str) -> CompanyPlace:
        """Return the company with this slug or id, in whatever state. Raises: `NotFound`."""
        company = self.find(name)
        if company is None:
            raise NotFound
        return company

    def newest(self, limit: int) -> list[CompanyPlace]:
        """Return the newest companies that are not deleted."""
        with self._catalog.reading() as reader:
            return newest(reader, limit)

    def change(
        self, tenant_id: str, changes_of: Callable[[CompanyRecord], Mapping[str, Any]]
    ) -> CompanyRecord:
        """Store the values that `changes_of` returns for the company, and return it. Raises: `NotFound`."""
        with self._catalog.begin() as session:
            company = change(session, tenant_id, changes_of)
        self._access.forget_company(tenant_id)
        return company


def find(reader: Reader, name: str) -> CompanyPlace | None:
    """Return the company with this slug or id, in whatever state, or None."""
    row = reader.row(_BY_NAME, {"name": name})
    return CompanyPlace(*row) if row else None


def change(
    session: Session, tenant_id: str, changes_of: Callable[[CompanyRecord], Mapping[str, Any]]
) -> CompanyRecord:
    """Lock the company, store the values that `changes_of` returns for it, and return it. Raises: `NotFound`."""
    row = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound
    for name, value in changes_of(_record(row)).items():
        setattr(row, name, value)
    session.flush()
    return _record(row)


def _record(row: Tenant) -> CompanyRecord:
    return CompanyRecord(*(getattr(row, column.key) for column in _COLUMNS))


def newest(reader: Reader, limit: int) -> list[CompanyPlace]:
    """Return the newest companies that are not deleted."""
    return [CompanyPlace(*row) for row in reader.rows(_NEWEST, {"limit": limit})]
