"""The companies of an installation, as operators see them, and what their people change about them."""

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

    from crmtenant.db.pool.reader import Reader

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
_NAMED = _PLACED.where(or_(Tenant.id == bindparam("name"), Tenant.slug == bindparam("name")))
_NEWEST = _PLACED.where(Tenant.state != "deleted").order_by(Tenant.created_at.desc()).limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class Company:
    """A company, as the catalog describes it."""

    id: str
    slug: str
    name: str
    state: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    delete_after: datetime | None


@dataclass(frozen=True, slots=True)
class CompanyPlace(Company):
    """A company, and where its database is."""

    database: str
    epoch: int
    password_version: int
    schema_revision: str | None
    host: str | None
    port: int | None
    server_id: int


def named(reader: Reader, name: str) -> CompanyPlace | None:
    """The company with this slug or id, in whatever state, or None."""
    row = reader.row(_NAMED, {"name": name})
    return CompanyPlace(*row) if row else None


def change(session: Session, tenant_id: str, changed: Callable[[Company], Mapping[str, Any]]) -> Company:
    """The company with the values that `changed` makes of it, whose row is locked meanwhile; `NotFound`."""
    row = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound
    for name, value in changed(_described(row)).items():
        setattr(row, name, value)
    session.flush()
    return _described(row)


def _described(row: Tenant) -> Company:
    return Company(*(getattr(row, column.key) for column in _COLUMNS))


def newest(reader: Reader, most: int) -> list[CompanyPlace]:
    """The newest companies that are not deleted, at most so many."""
    return [CompanyPlace(*row) for row in reader.rows(_NEWEST, {"most": most})]
