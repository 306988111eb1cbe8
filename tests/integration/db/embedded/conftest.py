"""Embedded servers in directories of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.db.pool.address import ServerAddress
from tests.integration.db.embedded.servers import OTHER_TENANT, TENANT, MakeServer, scalar


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory every user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def make_server(directory: Path) -> Iterator[MakeServer]:
    made: list[EmbeddedServer] = []

    def make(**options: object) -> EmbeddedServer:
        made.append(EmbeddedServer(directory, **{"fsync": False, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in reversed(made):
        server.stop()


@pytest.fixture(scope="module")
def guarded() -> Iterator[ServerAddress]:
    """A server with two companies' and two installations' roles, every database open to PUBLIC."""
    path = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    path.chmod(0o755)
    server = EmbeddedServer(path, fsync=False)
    address = server.start()
    for role in [TENANT, OTHER_TENANT, "crmtenant_app", "crmtenant_t1_app", "stranger"]:
        scalar(address, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    for database in [TENANT, OTHER_TENANT, "crmtenant", "crmtenant_t1", "stranger"]:
        scalar(address, f"CREATE DATABASE {database}")
    scalar(address, "ALTER ROLE postgres PASSWORD 'secret'")
    yield address
    server.stop()
    shutil.rmtree(path)
