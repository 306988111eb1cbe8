"""The PostgreSQL servers of an installation, for whoever has the rights to make and drop databases there.

One is the home: the catalog is there, and the advisory locks by which processes take turns. The others are rows
of the catalog, administered by a role of the password that the settings give for the home; where they give none,
libpq looks for one in its password file.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crmtenant.db.admin.dumps import Dumps
from crmtenant.db.admin.installation import InstallationSetup
from crmtenant.db.admin.locks import AdvisoryLocks
from crmtenant.db.admin.provisioning import Provisioner
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.schema.replay import SchemaChanges
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import Server

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.secrets.role_names import RoleNames
    from crmtenant.db.secrets.secret_source import SecretSource

HOME = "main"

_ALL = select(Server.id, Server.name, Server.host, Server.port, Server.admin_user).order_by(Server.id)


@dataclass(frozen=True, slots=True)
class ManagedServer:
    """One server, and what can be done to the companies' databases on it."""

    id: int
    name: str
    address: ServerAddress
    setup: InstallationSetup
    provisioner: Provisioner
    dumps: Dumps
    changes: SchemaChanges


class ManagedServers:
    """All servers of one installation, by the id that the catalog has for them."""

    def __init__(
        self, catalog: Catalog, home: ServerAddress, names: RoleNames, secrets: SecretSource
    ) -> None:
        self._catalog = catalog
        self._home = home
        self.secrets = secrets
        self.names = names
        self._known: dict[int, ManagedServer] = {}

    @property
    def home(self) -> ManagedServer:
        """The server the catalog is on."""
        found = next((server for server in self._known.values() if server.name == HOME), None)
        return found or next(server for server in self.all() if server.name == HOME)

    def all(self) -> list[ManagedServer]:
        """Every server that the catalog has now, the home first."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_ALL)
        self._known = {row[0]: self._host(*row) for row in rows}
        return list(self._known.values())

    def of(self, server_id: int) -> ManagedServer:
        """The server of this id; `OperatorError` if the catalog has none."""
        if server_id not in self._known:
            self.all()
        if server_id not in self._known:
            raise OperatorError("The server was removed meanwhile.")
        return self._known[server_id]

    def named(self, name: str) -> ManagedServer:
        """The server of this name; `OperatorError` if the catalog has none."""
        for server in self.all():
            if server.name == name:
                return server
        raise OperatorError(f"There is no server {name}.")

    def try_lock(self, name: str) -> AbstractContextManager[bool]:
        """Yield whether this lock on the catalog's server was free; if it was, it is held for the with block."""
        return AdvisoryLocks(self.home.address, self.names).try_lock(name)

    def at(self, host: str, port: int, admin_user: str) -> ServerAddress:
        """The address of another server, administered as ours are."""
        return ServerAddress(host, port, admin_user, self._home.admin_password)

    def _host(
        self, server_id: int, name: str, host: str | None, port: int | None, admin_user: str | None
    ) -> ManagedServer:
        address = self._home if name == HOME else self.at(str(host), int(port or 0), str(admin_user))
        known = self._known.get(server_id)
        if known is not None and known.address == address:
            return known
        return make_managed_server(server_id, name, address, self.names, self.secrets)


def make_managed_server(
    server_id: int, name: str, address: ServerAddress, names: RoleNames, secrets: SecretSource
) -> ManagedServer:
    """The server of this address, with everything that can be done there."""
    return ManagedServer(
        server_id,
        name,
        address,
        InstallationSetup(address, names, secrets),
        Provisioner(address, names, secrets),
        Dumps(address, names),
        SchemaChanges(address, names),
    )
