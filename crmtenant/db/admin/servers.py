"""The PostgreSQL servers of an installation, for processes with administering rights.

One is the home server, with the catalog and the advisory locks. The others are rows of the catalog. Their
administering roles have the password that the settings give for the home server; where they give none, libpq looks
it up in its password file.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crmtenant.db.admin.dumps import Dumps
from crmtenant.db.admin.installation import InstallationSetup
from crmtenant.db.admin.interrupts import Interrupts
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
    """A server, and the operations on it."""

    id: int
    name: str
    address: ServerAddress
    setup: InstallationSetup
    provisioner: Provisioner
    dumps: Dumps
    changes: SchemaChanges


class ManagedServers:
    """All servers of one installation, by their ids in the catalog."""

    def __init__(
        self, catalog: Catalog, home: ServerAddress, names: RoleNames, secrets: SecretSource
    ) -> None:
        self._catalog = catalog
        self._home = home
        self.secrets = secrets
        self.names = names
        self.interrupts = Interrupts()
        self._known: dict[int, ManagedServer] = {}

    def apart(self) -> ManagedServers:
        """Return the same servers, where what takes long is broken off apart from everything else."""
        return ManagedServers(self._catalog, self._home, self.names, self.secrets)

    @property
    def home(self) -> ManagedServer:
        """The server of the catalog."""
        found = next((server for server in self._known.values() if server.name == HOME), None)
        return found or next(server for server in self.all() if server.name == HOME)

    def all(self) -> list[ManagedServer]:
        """Return all servers in the catalog, the home server first."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_ALL)
        self._known = {row[0]: self._server(*row) for row in rows}
        return list(self._known.values())

    def of(self, server_id: int) -> ManagedServer:
        """Return the server with this id. Raises `OperatorError` if the catalog has none."""
        if server_id not in self._known:
            self.all()
        if server_id not in self._known:
            raise OperatorError("The server has been removed in the meantime.")
        return self._known[server_id]

    def named(self, name: str) -> ManagedServer:
        """Return the server with this name. Raises `OperatorError` if the catalog has none."""
        for server in self.all():
            if server.name == name:
                return server
        raise OperatorError(f"There is no server {name}.")

    def try_lock(self, name: str) -> AbstractContextManager[bool]:
        """Yield whether this lock on the catalog's server was free; if it was, it is held for the with block."""
        return AdvisoryLocks(self.home.address, self.names).try_lock(name)

    def at(self, host: str, port: int, admin_user: str) -> ServerAddress:
        """Return the address of another server, with the administering password of the settings."""
        return ServerAddress(host, port, admin_user, self._home.admin_password)

    def _server(
        self, server_id: int, name: str, host: str | None, port: int | None, admin_user: str | None
    ) -> ManagedServer:
        address = self._home if name == HOME else self.at(str(host), int(port or 0), str(admin_user))
        known = self._known.get(server_id)
        if known is not None and known.address == address:
            return known
        return make_managed_server(server_id, name, address, self.names, self.secrets, self.interrupts)


def make_managed_server(
    server_id: int,
    name: str,
    address: ServerAddress,
    names: RoleNames,
    secrets: SecretSource,
    interrupts: Interrupts,
) -> ManagedServer:
    """Return the server at this address, with the operations on it."""
    return ManagedServer(
        server_id,
        name,
        address,
        InstallationSetup(address, names, secrets),
        Provisioner(address, names, secrets),
        Dumps(address, names, interrupts),
        SchemaChanges(address, names),
    )
