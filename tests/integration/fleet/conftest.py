"""An installation on two servers, for the tests that ask for `two`."""

import pytest

from tests.integration.two_servers import (
    on_two_servers,
    running_server,
)


@pytest.fixture(scope="session")
def another_server():
    """A PostgreSQL of its own."""
    with running_server() as server:
        yield server.start()


@pytest.fixture(scope="session")
def two(installations, another_server):
    """An installation on two servers."""
    with on_two_servers(installations(), another_server) as made:
        yield made


@pytest.fixture
def mover(installation, tmp_path):
    return installation.operations(tmp_path / "backups").mover
