"""What recovers a lost catalog, put together without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from crmtenant.db.admin.dumps import Dumps
from crmtenant.db.admin.installation import InstallationSetup
from crmtenant.db.admin.interrupts import Interrupts
from crmtenant.db.admin.servers import ManagedServers
from crmtenant.db.pool.catalog import Catalog
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.db.secrets.secret_source import secrets_of
from crmtenant.platform import ROLE_FILE
from crmtenant.platform.backup_secret import seal_of
from crmtenant.platform.databases import Databases
from crmtenant.services.jobs.catalog_recovery import CatalogRecovery
from crmtenant.services.operations import Operations

if TYPE_CHECKING:
    from crmtenant.db.embedded.open_server import Server
    from crmtenant.settings import Settings


@contextmanager
def recovery_of(settings: Settings, server: Server) -> Iterator[CatalogRecovery]:
    """Yield what recovers the catalog on this server, as its administering role."""
    address, names = server.address, RoleNames(settings.catalog_database)
    role_secrets = secrets_of(settings.role_secret, settings.data_dir / ROLE_FILE)
    seal = seal_of(settings)
    databases = Databases.open(settings, address, names, role_secrets)

    def operations_on(catalog: Catalog) -> Operations:
        servers = ManagedServers(catalog, address, names, role_secrets)
        return Operations(catalog, databases.addresses, servers, settings.backup_dir, seal)

    with closing(databases.broker):
        yield CatalogRecovery(
            InstallationSetup(address, names, role_secrets),
            Dumps(address, names, Interrupts()),
            Catalog(databases.broker, address.admin(names.catalog)),
            seal,
            settings.backup_dir,
            operations_on,
        )
