"""One PostgreSQL server per test run, shared by every xdist worker and gone afterwards.

`CRMTENANT_TEST_DATABASE_URL` (postgresql+psycopg2://user:password@host:port/postgres) names another server to
use instead.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog

from crmtenant.db.embedded.open_server import address_from_url
from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.db.pool.address import ServerAddress
from tests.memory import files_in_memory

pytest_plugins = ["tests.sampling"]
_OUTSIDE = "CRMTENANT_TEST_DATABASE_URL"
_SERVER = pytest.StashKey["TestServer"]()


class TestServer:
    """The server of this run, started by the first who asks for it."""

    __test__ = False

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._embedded: EmbeddedServer | None = None
        self._address: ServerAddress | None = None

    def address(self) -> ServerAddress:
        """Where the server is, once it answers."""
        if self._address is None:
            url = os.environ.get(_OUTSIDE)
            self._address = address_from_url(url) if url else self._start()
        return self._address

    def _start(self) -> ServerAddress:
        self._directory = Path(tempfile.mkdtemp(prefix="crmtenant-tests-"))
        self._directory.chmod(0o711)
        self._embedded = EmbeddedServer(self._directory, fsync=False, max_connections=600)
        address = self._embedded.start()
        self._let_in_test_roles(self._directory / "postgres" / "pg_hba.conf", address)
        return address

    def _let_in_test_roles(self, rules: Path, address: ServerAddress) -> None:
        """Roles that tests make beside ours, `test_...`, may go anywhere, as on an external server."""
        head, reject, rest = rules.read_text().partition("local all all reject\n")
        rules.write_text(f'{head}local all "/^test_" scram-sha-256\n{reject}{rest}')
        connection = address.admin().connect()
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_reload_conf()")
        connection.close()

    def stop(self) -> None:
        """Stop the server and delete its files."""
        if self._embedded:
            self._embedded.stop()
        if self._directory:
            shutil.rmtree(self._directory)


def _hear_signals() -> None:
    """Servers that tests start inherit what is ignored, as SIGINT is in the background and SIGHUP below nohup."""
    for number, handler in {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}.items():
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)


# Before the browser tests' own, which starts a server.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    _hear_signals()
    files = ExitStack()
    files.enter_context(files_in_memory())
    config.add_cleanup(files.close)
    config.stash[_SERVER] = TestServer()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SERVER in config.stash:
        config.stash[_SERVER].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist's controller hands the one address to each worker it starts."""
    address = node.config.stash[_SERVER].address()
    node.workerinput["server_address"] = (
        address.host,
        address.port,
        address.admin_user,
        address.admin_password,
    )


@pytest.fixture(scope="session")
def server_address(pytestconfig: pytest.Config) -> ServerAddress:
    """Where the PostgreSQL server of this run is, and the role that may make databases and roles on it."""
    if hasattr(pytestconfig, "workerinput"):
        return ServerAddress(*pytestconfig.workerinput["server_address"])
    return pytestconfig.stash[_SERVER].address()


@pytest.fixture(autouse=True)
def _logs_are_as_before() -> Iterator[None]:
    """Commands that run in the tests' own process configure the log for themselves."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
