"""Adding PostgreSQL servers to an installation, draining and removing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import psycopg2
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.db.admin.servers import HOME
from crmtenant.db.embedded.open_server import check_rights
from crmtenant.errors import Conflict, OperatorError
from crmtenant.models.catalog.tables import Server, SetAside, Spare, Tenant
from crmtenant.services.fleet.server_rows import others_take_companies, prepare

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.address import ServerAddress
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.spares import Spares

_COMPANIES = select(func.count()).where(Tenant.server_id == Server.id).scalar_subquery()
_SPARES = select(func.count()).where(Spare.server_id == Server.id).scalar_subquery()
_RETAINED = select(func.count()).where(SetAside.server_id == Server.id).scalar_subquery()
_SUMMARIES = select(
    Server.name,
    Server.host,
    Server.port,
    Server.weight,
    Server.is_draining,
    Server.template_revision,
    Server.capacity_bytes,
    Server.used_bytes,
    Server.free_bytes,
    Server.is_full,
    _COMPANIES,
    _SPARES,
    _RETAINED,
).order_by(Server.id)
_COMPANIES_ON = (
    select(Tenant.id, Tenant.slug, Tenant.database)
    .join(Server, Server.id == Tenant.server_id)
    .where(Server.name == bindparam("name"), (Tenant.state == "active") | (Tenant.state == "suspended"))
    .order_by(Tenant.slug)
)


@dataclass(frozen=True, slots=True)
class ServerSummary:
    """A server and what is on it. `set_aside`: databases that are kept for a while, or being filled."""

    name: str
    host: str | None
    port: int | None
    weight: int
    is_draining: bool
    template_revision: str | None
    capacity_bytes: int | None
    used_bytes: int | None
    free_bytes: int | None
    is_full: bool
    companies: int
    spares: int
    set_aside: int


class LeavingCompany(NamedTuple):
    """A company on a server that it can be moved away from."""

    tenant_id: str
    slug: str
    size_bytes: int


class ServerRegistry:
    """The servers of one installation, as operators change them."""

    def __init__(self, catalog: Catalog, servers: ManagedServers, spares: Spares) -> None:
        self._catalog = catalog
        self._servers = servers
        self._spares = spares

    def summaries(self) -> list[ServerSummary]:
        """Return every server, the one with the catalog first."""
        with self._catalog.reading() as reader:
            return [ServerSummary(*row) for row in reader.rows(_SUMMARIES)]

    def companies_on(self, name: str) -> list[LeavingCompany]:
        """Return the companies on a server that can be moved away, the largest first."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_COMPANIES_ON, {"name": name})
        sizes = self._servers.named(name).provisioner.sizes() if rows else {}
        found = [
            LeavingCompany(tenant_id, slug, sizes.get(database, 0)) for tenant_id, slug, database in rows
        ]
        return sorted(found, key=lambda company: -company.size_bytes)

    def add(self, name: str, address: ServerAddress, *, weight: int, capacity_bytes: int | None) -> None:
        """Add a server: give it our roles and template, and let it take new companies.

        Raises `OperatorError` if it cannot be administered or was added before, `Conflict` if the name is taken.
        """
        if address.admin_user is None:
            raise OperatorError(
                "Give the user who administers it: postgresql+psycopg2://user@host:port/postgres"
            )
        known = self._servers.at(address.host, address.port, address.admin_user)
        if any(server.address == known for server in self._servers.all()):
            raise OperatorError("This server was added already.")
        check_rights(known.admin())
        values = {
            "name": name,
            "host": address.host,
            "port": address.port,
            "admin_user": address.admin_user,
            "weight": weight,
            "capacity_bytes": capacity_bytes,
        }
        with self._catalog.begin() as session:
            statement = insert(Server).values(values).on_conflict_do_nothing().returning(Server.id)
            if session.scalars(statement).one_or_none() is None:
                raise Conflict(f"There already is a server {name}.")
        try:
            server = self._servers.named(name)
            if server.setup.holds_catalog():
                raise OperatorError("This is the server with the catalog, under another address.")
            prepare(self._catalog, server)
        except BaseException:
            self._forget(name)
            raise

    def change(self, name: str, values: Mapping[str, int]) -> None:
        """Change the server's `weight` or `capacity_bytes`. Raises: `OperatorError` for an unknown server."""
        server = self._servers.named(name)
        with self._catalog.begin() as session:
            session.execute(update(Server).where(Server.id == server.id).values(values))

    def drain(self, name: str, *, is_draining: bool = True) -> None:
        """Send no new companies to the server and drop its spares; or let it take companies again.

        Raises: `Conflict` for the last one that takes companies.
        """
        server = self._servers.named(name)
        with self._catalog.begin() as session:
            if is_draining and not others_take_companies(session, server.id):
                raise Conflict(
                    f"{name} is the last server that takes new companies: there is no other, or it is drained or full."
                    " Add another one, or undrain one, first."
                )
            session.execute(update(Server).where(Server.id == server.id).values(is_draining=is_draining))
        if is_draining:
            self._spares.clear(server)

    def remove(self, name: str) -> None:
        """Remove a server from the installation, and what is ours from the server.

        Raises `Conflict` while there are databases on it, of companies, kept for a while or unknown to the catalog, and
        `OperatorError` if it cannot be reached.
        """
        if name == HOME:
            raise Conflict("The catalog is on this server; it cannot be removed.")
        server = self._servers.named(name)
        (summary,) = (one for one in self.summaries() if one.name == name)
        if summary.companies or summary.set_aside:
            raise Conflict(
                f"{summary.companies} companies are on {name}, and {summary.set_aside} databases are kept there;"
                " move the companies away and wait a day."
            )
        self.drain(name)
        try:
            left = server.provisioner.inventory().databases
            if left:
                raise Conflict(
                    f"{len(left)} databases on {name} are unknown to the catalog; see crmtenant doctor. Nothing was removed."
                )
            server.setup.remove()
        except psycopg2.OperationalError as problem:
            raise OperatorError(f"{name} cannot be reached: {str(problem).strip()}") from None
        self._forget(name)

    def _forget(self, name: str) -> None:
        with self._catalog.begin() as session:
            session.execute(delete(Server).where(Server.name == name))
