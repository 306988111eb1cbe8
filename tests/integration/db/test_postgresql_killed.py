"""PostgreSQL killed in the middle of making databases: every company ends active or fully gone.

On a server of its own, for a killed backend takes all others with it. `CRMTENANT_TORTURE` makes it many kills.
"""

import contextlib
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.exc import SQLAlchemyError

from crmtenant.db.admin.connection import administering
from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.errors import DomainError
from tests.integration.installation import new_company

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
KILLS = 12 if IS_TORTURE else 2
PATIENCE_SECONDS = 30

_COPYING = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%%' AND state = 'active' AND pid <> pg_backend_pid()"


class Own:
    """A PostgreSQL of this module's own, which keeps what it acknowledged."""

    def __init__(self, directory):
        self.cluster = directory / "postgres"
        self.embedded = EmbeddedServer(directory)
        self.address = self.embedded.start()

    def postmaster(self):
        return int((self.cluster / "postmaster.pid").read_text().splitlines()[0])

    def kill_postmaster(self, _backend):
        os.kill(self.postmaster(), signal.SIGKILL)

    def kill_backend(self, backend):
        os.kill(backend, signal.SIGKILL)

    def end_backend(self, backend):
        with administering(self.address.admin()) as admin:
            # It may have ended by itself just before, and takes its time on a busy machine.
            admin.rows("SELECT pg_terminate_backend(%s, 30000)", backend)
            assert admin.rows("SELECT 1 FROM pg_stat_activity WHERE pid = %s", backend) == []

    def be_up(self):
        """Wait until the server accepts connections again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.embedded.revive()
            try:
                self.address.admin().connect().close()
                return
            except psycopg2.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def orphaned_directories(self):
        """Directories of databases that PostgreSQL itself does not know."""
        with administering(self.address.admin()) as admin:
            admin.run("CHECKPOINT")
            known = {str(oid) for (oid,) in admin.rows("SELECT oid FROM pg_database")}
        there = {path.name for path in (self.cluster / "base").iterdir() if path.name.isdecimal()}
        return there - known


@pytest.fixture(scope="module")
def own():
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-killed-"))
    directory.chmod(0o711)
    server = Own(directory)
    yield server
    server.embedded.stop()
    shutil.rmtree(directory)


@pytest.fixture
def installation(installations, own):
    made = installations(own.address)
    made._superuser = own.address
    made.set_up()
    yield made
    own.be_up()
    made.tear_down()


class Killer:
    """Waits for a CREATE DATABASE, and some milliseconds more, and then strikes once."""

    def __init__(self, own, strike, delay_seconds):
        self._own, self._strike, self._delay_seconds = own, strike, delay_seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._wait)
        self.has_struck = False

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()

    def _wait(self):
        with administering(self._own.address.admin()) as admin:
            while not self._is_over.is_set():
                if backend := admin.row(_COPYING):
                    time.sleep(self._delay_seconds)
                    with contextlib.suppress(ProcessLookupError):
                        self._strike(self._own, *backend)
                        self.has_struck = self._strike is Own.end_backend or _breaks(admin)
                    return


def _breaks(admin):
    """Whether the session is ended, as all are, when PostgreSQL has noticed: until then it takes new ones."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            admin.rows("SELECT 1")
        except psycopg2.Error:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.sampled(3)
@pytest.mark.parametrize("strike", [Own.end_backend, Own.kill_backend, Own.kill_postmaster])
@pytest.mark.parametrize("is_spare", [False, True], ids=["company", "spare"])
def test_a_database_whose_making_is_struck_down_ends_whole_or_gone(own, installation, strike, is_spare):
    chance = random.Random(11)
    orphaned_before = own.orphaned_directories()
    struck, requests = 0, []
    for _ in range(KILLS):
        request = new_company(key=f"k{len(requests)}", request_hash=b"same")
        with Killer(own, strike, chance.uniform(0, 0.02)) as killer:
            with contextlib.suppress(psycopg2.Error, SQLAlchemyError, DomainError):
                if is_spare:
                    installation.spares(len(requests) + 1).top_up()
                else:
                    installation.registrar.register(request)
        struck += killer.has_struck
        requests.append(request)
        own.be_up()
        installation.reconciler(patience_seconds=0).reconcile()
        installation.assert_no_orphans()
    assert struck
    for request in () if is_spare else requests:
        company = installation.registrar.register(request)
        assert installation.company_rows(company.tenant_id)
    installation.assert_no_orphans()
    assert installation.roles() == installation.databases()
    # PostgreSQL does not clear away what a copy had written when its backend was killed; only how much is bounded.
    assert len(own.orphaned_directories() - orphaned_before) <= (
        struck if strike is not Own.end_backend else 0
    )
