"""What an installation can do with its databases, put together: for the worker and the command line.

Whoever has this has the rights to make and drop databases and roles on every server.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import structlog

from crmtenant.db.admin.servers import HOME
from crmtenant.errors import OperatorError
from crmtenant.services.fleet import server_rows
from crmtenant.services.fleet.migration import Fleet
from crmtenant.services.fleet.role_passwords import RolePasswordRotation
from crmtenant.services.fleet.role_secret import RoleSecretRotation
from crmtenant.services.fleet.server_registry import ServerRegistry
from crmtenant.services.fleet.spares import Spares
from crmtenant.services.jobs.reconciler import Reconciler
from crmtenant.services.operations_parts import Keeping
from crmtenant.services.tenants.database_requests import LocalProvisioning
from crmtenant.services.tenants.registration import Registrar

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog

log = structlog.get_logger(__name__)


class Operations:
    """Everything that makes, changes, saves, moves and drops companies. Every server is made ready first."""

    def __init__(
        self,
        catalog: Catalog,
        addresses: Addresses,
        servers: ManagedServers,
        backup_dir: Path,
        on_change: Callable[[str], None] = lambda _: None,
        role_file: Path | None = None,
    ) -> None:
        self.catalog = catalog
        self.servers = servers
        server_rows.ensure_home(catalog)
        self.prepare()
        keeping = Keeping(catalog, servers, backup_dir, on_change)
        self.lifecycle, self.backups = keeping.lifecycle, keeping.backups
        self.restorer, self.cleanup = keeping.restorer, keeping.cleanup
        self.mover = keeping.mover
        self.registrar = Registrar(catalog, addresses, LocalProvisioning(catalog, servers))
        self.fleet = Fleet(catalog, servers)
        self.role_secret_rotation = RoleSecretRotation(catalog, servers, role_file)
        self.role_password_rotation = RolePasswordRotation(
            catalog, servers, self.role_secret_rotation, on_change
        )

    def prepare(self) -> None:
        """Nothing comes back; every server that can be reached has our roles and this code's template."""
        for server in self.servers.all():
            try:
                server_rows.prepare(self.catalog, server)
            except psycopg2.OperationalError as problem:
                if server.name == HOME:
                    raise
                log.error("server_not_reached", server=server.name, reason=str(problem).strip())  # noqa: TRY400
            except OperatorError as problem:
                if server.name == HOME:
                    raise
                log.error("server_not_ready", server=server.name, reason=str(problem))  # noqa: TRY400

    def roomiest(self) -> ManagedServer:
        """A server that takes companies, drawn by weight and free space."""
        with self.catalog.begin() as session:
            return self.servers.of(server_rows.home(session).server_id)

    @property
    def server_registry(self) -> ServerRegistry:
        """Who takes servers in and out."""
        return ServerRegistry(self.catalog, self.servers, self.spares(0))

    def spares(self, count: int) -> Spares:
        """Who keeps so many spares ready on every server."""
        return Spares(self.catalog, self.servers, count)

    def reconciler(self, spares: Spares) -> Reconciler:
        """Who makes the servers agree with the catalog."""
        return Reconciler(self.catalog, self.servers, self.registrar, spares)
