"""A whole installation, with its roles, catalog and template, on the server of this run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from crmtenant.db.embedded.open_server import address_from_url
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.pool.catalog import Catalog
from crmtenant.db.schema import alembic_processes
from tests import forks
from tests.integration.installation import Installation
from tests.integration.two_servers import on_two_servers, running_server
from tests.integration.world import Clock, World, scratch_catalog


@pytest.fixture(scope="session", autouse=True)
def _alembic_starts_at_once() -> Iterator[None]:
    """Its processes need not import everything; where they have to is test_migration_by_python.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alembic_processes, "START_METHOD", forks.START_METHOD)
        yield


@pytest.fixture(scope="session")
def superuser_address(server_address: ServerAddress) -> ServerAddress:
    """The server as its superuser sees it: `CRMTENANT_TEST_SUPERUSER_URL`, or else our administrator is one."""
    url = os.environ.get("CRMTENANT_TEST_SUPERUSER_URL")
    return address_from_url(url) if url else server_address


@pytest.fixture(scope="session")
def installations(server_address: ServerAddress, superuser_address: ServerAddress) -> Iterator[Any]:
    """Makes installations, each with a catalog of its own. At the end they are removed from a server that stays; the
    tests' own server is deleted as a whole."""
    made: list[Installation] = []

    def make(server: ServerAddress = server_address) -> Installation:
        made.append(Installation(server, f"crmtenant_{secrets.token_hex(4)}", superuser_address))
        return made[-1]

    yield make
    for installation in made:
        if installation.is_down:
            continue
        if "CRMTENANT_TEST_DATABASE_URL" in os.environ:
            installation.tear_down()
        else:
            installation.broker.close()


@pytest.fixture(scope="session")
def shared_installation(installations: Any) -> Installation:
    installation: Installation = installations()
    installation.set_up()
    return installation


@pytest.fixture
def installation(shared_installation: Installation) -> Iterator[Installation]:
    """An installation without companies."""
    yield shared_installation
    shared_installation.clear()


@pytest.fixture(scope="session")
def another_server() -> Iterator[ServerAddress]:
    """A PostgreSQL of its own."""
    with running_server() as server:
        yield server.start()


@pytest.fixture(scope="session")
def two(installations: Any, another_server: ServerAddress) -> Iterator[Installation]:
    """An installation on two servers."""
    with on_two_servers(installations(), another_server) as made:
        yield made


@pytest.fixture(scope="session")
def catalog(server_address: ServerAddress) -> Iterator[Catalog]:
    """A catalog of no installation."""
    with scratch_catalog(server_address) as made:
        yield made


@pytest.fixture
def world(catalog: Catalog) -> World:
    """Makes companies and people in that catalog."""
    return World(catalog)


@pytest.fixture
def clock() -> Clock:
    return Clock()
