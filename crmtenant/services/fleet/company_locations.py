"""The catalog's rows of companies, as far as they say where a company's database is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crmtenant.models.catalog.tables import Server, Tenant

if TYPE_CHECKING:
    from sqlalchemy import Row

COLUMNS = (
    Tenant.id,
    Tenant.database,
    Tenant.password_version,
    Tenant.epoch,
    Tenant.server_id,
    Server.host,
    Server.port,
)
"""Those of `CompanyLocation`, in its order; of companies joined to their servers."""

TENANTS = select(Tenant, Server.host, Server.port).join(Server, Server.id == Tenant.server_id)
"""Whole rows of companies, to be changed, each with where its server is: `located` reads them."""


@dataclass(frozen=True, slots=True)
class CompanyLocation:
    """A company and where its database is."""

    id: str
    database: str
    password_version: int
    epoch: int
    server_id: int
    host: str | None
    port: int | None


def located(row: Row[Tenant, str | None, int | None]) -> tuple[Tenant, CompanyLocation]:
    """Return the company of a row of `TENANTS`, and where its database is."""
    company, host, port = row
    version, epoch = company.password_version, company.epoch
    return company, CompanyLocation(
        company.id, company.database, version, epoch, company.server_id, host, port
    )
