"""A second PostgreSQL server for an installation."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.db.pool.address import ServerAddress
from crmtenant.services.fleet.server_registry import ServerRegistry
from tests.dropping import ANYTHING
from tests.integration.installation import Installation

SECOND = "second"


@contextmanager
def running_server(max_connections: int = 200) -> Iterator[EmbeddedServer]:
    """A PostgreSQL of its own, which can be started and stopped; gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-second-"))
    directory.chmod(0o711)
    server = EmbeddedServer(directory, fsync=False, max_connections=max_connections)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory)


def server_registry(installation: Installation) -> ServerRegistry:
    """Return what adds and removes servers."""
    return ServerRegistry(installation.catalog, installation.servers, installation.spares(0))


def enlist(installation: Installation, server: ServerAddress) -> None:
    """Add the server to the installation."""
    server_registry(installation).add(
        SECOND, ServerAddress(server.host, server.port, server.admin_user), weight=1, capacity_bytes=None
    )


@contextmanager
def on_two_servers(made: Installation, second: ServerAddress) -> Iterator[Installation]:
    """The installation, set up on its own server and on the second one."""
    made.set_up()
    enlist(made, second)
    yield made
    empty(made)
    server_registry(made).remove(SECOND)


def empty(installation: Installation) -> None:
    """Remove every company from every server, and let each take companies again."""
    for server in installation.servers.all():
        inventory = server.provisioner.inventory()
        for database in inventory.databases | inventory.roles:
            server.provisioner.drop_database(database, ANYTHING)
    installation.clear()
    installation.rows(
        "UPDATE server SET weight = 100, is_draining = false, is_full = false, capacity_bytes = NULL RETURNING 1"
    )


def weigh(installation: Installation, **weights: int) -> None:
    """Set the servers' weights."""
    for name, weight in weights.items():
        installation.rows(
            "UPDATE server SET weight = :weight WHERE name = :name RETURNING 1", weight=weight, name=name
        )
