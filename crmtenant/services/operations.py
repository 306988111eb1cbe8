"""Everything an installation can do with its companies' databases, composed for the worker and the command line.

It needs the rights to create and drop databases and roles on every server.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import structlog

from crmtenant.db.admin.servers import HOME
from crmtenant.errors import OperatorError
from crmtenant.services.backups.going_back import GoingBack
from crmtenant.services.backups.restoring import Restorer
from crmtenant.services.backups.saving import Backups
from crmtenant.services.fleet import server_rows
from crmtenant.services.fleet.database_swap import RetainedDatabases
from crmtenant.services.fleet.migration import FleetMigration
from crmtenant.services.fleet.migration_copies import MigrationCopies
from crmtenant.services.fleet.moving import Mover
from crmtenant.services.fleet.role_passwords import RolePasswordRotation
from crmtenant.services.fleet.role_secret import RoleSecretRotation
from crmtenant.services.fleet.server_registry import ServerRegistry
from crmtenant.services.fleet.spares import Spares
from crmtenant.services.jobs.cleanup import BY, Cleanup
from crmtenant.services.jobs.reconciler import Reconciler
from crmtenant.services.tenants.database_requests import LocalProvisioning
from crmtenant.services.tenants.lifecycle import Lifecycle
from crmtenant.services.tenants.registration import Registrar

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.seals import Seal

log = structlog.get_logger(__name__)


class Operations:
    """Everything that creates, changes, saves, restores, moves and drops companies.

    `on_change` is called with the id of a company whose row in the catalog has changed.
    """

    def __init__(
        self,
        catalog: Catalog,
        addresses: Addresses,
        servers: ManagedServers,
        backup_dir: Path,
        seal: Seal,
        on_change: Callable[[str], None] = lambda _: None,
        role_file: Path | None = None,
    ) -> None:
        self.catalog = catalog
        self.servers = servers
        self._apart = partial(
            Operations, catalog, addresses, backup_dir=backup_dir, seal=seal, on_change=on_change
        )
        retained = RetainedDatabases(catalog, servers)
        self.lifecycle = Lifecycle(
            catalog,
            servers,
            on_change=on_change,
            save=self._save_before_purge,
            catch_up=lambda tenant_id: self.fleet_migration.catch_up(tenant_id),
        )
        self.restorer = Restorer(catalog, servers, retained, seal, self.lifecycle.settle)
        self.backups = Backups(catalog, servers, self.restorer, backup_dir, seal)
        copies = MigrationCopies(servers, retained, self._save_before_migration, self.lifecycle.settle)
        self.fleet_migration = FleetMigration(catalog, servers, copies)
        self.going_back = GoingBack(catalog, servers, retained, self.restorer)
        self.mover = Mover(catalog, servers, retained, self.lifecycle.settle)
        self.cleanup = Cleanup(catalog, servers, self.lifecycle, retained)
        self.registrar = Registrar(catalog, addresses, LocalProvisioning(catalog, servers))
        self.role_secret_rotation = RoleSecretRotation(catalog, servers, role_file)
        self.role_password_rotation = RolePasswordRotation(
            catalog, servers, self.role_secret_rotation, on_change
        )

    def apart(self) -> Operations:
        """Return the same operations, which are broken off apart from all others."""
        return self._apart(servers=self.servers.apart())

    def prepare(self) -> None:
        """Give every server that can be reached our roles and this release's template."""
        server_rows.ensure_home(self.catalog)
        for server in self.servers.all():
            try:
                server_rows.prepare(self.catalog, server)
            except psycopg2.OperationalError as problem:
                if server.name == HOME:
                    raise
                log.error("server_unreachable", server=server.name, reason=str(problem).strip())  # noqa: TRY400
            except OperatorError as problem:
                if server.name == HOME:
                    raise
                log.error("server_not_ready", server=server.name, reason=str(problem))  # noqa: TRY400

    def choose_server(self) -> ManagedServer:
        """Draw a server that takes new companies, by weight and free space."""
        with self.catalog.begin() as session:
            return self.servers.of(server_rows.choose_placement(session).server_id)

    @property
    def server_registry(self) -> ServerRegistry:
        """Return what adds and removes servers."""
        return ServerRegistry(self.catalog, self.servers, self.spares(0))

    def spares(self, count: int) -> Spares:
        """Return what keeps `count` spare databases ready on every server."""
        return Spares(self.catalog, self.servers, count)

    def reconciler(self, spares: Spares) -> Reconciler:
        """Return what makes the servers agree with the catalog."""
        return Reconciler(self.catalog, self.servers, self.registrar, spares)

    def _save_before_migration(self, tenant_id: str) -> None:
        self.backups.make_proven(tenant_id, by="migration")

    def _save_before_purge(self, tenant_id: str) -> None:
        self.backups.make_proven(tenant_id, by=BY)
