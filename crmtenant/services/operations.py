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
from crmtenant.services.fleet import servers
from crmtenant.services.fleet.migration import Fleet
from crmtenant.services.fleet.role_passwords import Rotating
from crmtenant.services.fleet.role_secret import Renewing
from crmtenant.services.fleet.server_registry import Enlisting
from crmtenant.services.fleet.spares import Spares
from crmtenant.services.jobs.reconciler import Reconciler
from crmtenant.services.operations_parts import Keeping
from crmtenant.services.tenants.database_requests import Builder
from crmtenant.services.tenants.registration import Registrar

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import Host, Hosts
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog

log = structlog.get_logger(__name__)


class Operations:
    """Everything that makes, changes, saves, moves and drops companies. Every server is made ready first."""

    def __init__(
        self,
        catalog: Catalog,
        addresses: Addresses,
        hosts: Hosts,
        backup_dir: Path,
        on_change: Callable[[str], None] = lambda _: None,
        role_file: Path | None = None,
    ) -> None:
        self.catalog = catalog
        self.hosts = hosts
        servers.ensure_home(catalog)
        self.prepare()
        keeping = Keeping(catalog, hosts, backup_dir, on_change)
        self.lifecycle, self.backups = keeping.lifecycle, keeping.backups
        self.restorer, self.clearing = keeping.restorer, keeping.clearing
        self.mover = keeping.mover
        self.registrar = Registrar(catalog, addresses, Builder(catalog, hosts))
        self.fleet = Fleet(catalog, hosts)
        self.renewing = Renewing(catalog, hosts, role_file)
        self.rotating = Rotating(catalog, hosts, self.renewing, on_change)

    def prepare(self) -> None:
        """Nothing comes back; every server that can be reached has our roles and this code's template."""
        for host in self.hosts.all():
            try:
                servers.prepare(self.catalog, host)
            except psycopg2.OperationalError as problem:
                if host.name == HOME:
                    raise
                log.error("server_not_reached", server=host.name, reason=str(problem).strip())  # noqa: TRY400
            except OperatorError as problem:
                if host.name == HOME:
                    raise
                log.error("server_not_ready", server=host.name, reason=str(problem))  # noqa: TRY400

    def roomiest(self) -> Host:
        """A server that takes companies, drawn by weight and free space."""
        with self.catalog.begin() as session:
            return self.hosts.of(servers.home(session).server_id)

    @property
    def enlisting(self) -> Enlisting:
        """Who takes servers in and out."""
        return Enlisting(self.catalog, self.hosts, self.spares(0))

    def spares(self, count: int) -> Spares:
        """Who keeps so many spares ready on every server."""
        return Spares(self.catalog, self.hosts, count)

    def reconciler(self, spares: Spares) -> Reconciler:
        """Who makes the servers agree with the catalog."""
        return Reconciler(self.catalog, self.hosts, self.registrar, spares)
