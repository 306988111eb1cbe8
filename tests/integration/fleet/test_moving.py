"""Moving companies between two servers while people work in them."""

import threading
import time
from types import SimpleNamespace

import psycopg2
import pytest

from crmtenant.cli.server import move_all
from crmtenant.errors import Conflict, OperatorError
from tests.integration.fleet.moves import assert_nothing_is_left_over, rows_in, server_of
from tests.integration.installation import new_company
from tests.integration.saving import address_of, assert_works, busy_company, contents_of
from tests.integration.two_servers import (
    SECOND,
    empty,
    weigh,
)

_WRITE = """
    INSERT INTO answer (user_id, key, request_hash, created_at) VALUES ('w', %s, '\\x00', now())
    ON CONFLICT DO NOTHING
"""


@pytest.fixture
def installation(two):
    yield two
    empty(two)


def _epoch(installation):
    ((epoch,),) = installation.rows("SELECT epoch FROM tenant")
    return epoch


class Persistent:
    """Somebody who writes a hundred times a second, and again what was not acknowledged."""

    def __init__(self, installation, tenant_id):
        self._installation, self._tenant_id = installation, tenant_id
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.written = 0
        self.longest_pause = 0.0

    def __enter__(self):
        self._thread.start()
        while not self.written:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()

    def _work(self):
        connection, last = None, time.monotonic()
        while not self._is_over.is_set():
            try:
                connection = connection or self._connect()
                with connection, connection.cursor() as cursor:
                    cursor.execute(_WRITE, (f"key-{self.written}",))
            except psycopg2.Error:
                connection = None
                time.sleep(0.01)
                continue
            self.written += 1
            self.longest_pause = max(self.longest_pause, time.monotonic() - last)
            last = time.monotonic()
            time.sleep(0.008)

    def _connect(self):
        return address_of(self._installation, self._tenant_id).connect()


def test_an_older_catalog_finds_a_moved_company_again(installation, mover):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    saved = contents_of(installation, tenant_id)
    ((home, older),) = installation.rows("SELECT server_id, database FROM tenant")
    mover.move(tenant_id, installation.servers.named(SECOND))
    ((moved_to, newer),) = installation.rows("SELECT server_id, database FROM tenant")
    installation.rows(
        "UPDATE tenant SET server_id = :home, database = :older, epoch = 1 RETURNING 1",
        home=home,
        older=older,
    )
    installation.rows("DELETE FROM set_aside RETURNING 1")
    installation.reconciler(patience_seconds=0).reconcile()
    assert installation.rows("SELECT server_id, database, epoch FROM tenant") == [(moved_to, newer, 2)]
    assert installation.rows("SELECT database, purpose FROM set_aside") == [(older, "retired")]
    assert older not in installation.servers.home.provisioner.inventory().open
    assert_works(installation, tenant_id, saved)


@pytest.mark.parametrize("is_replicated", [True, False])
def test_moving_while_people_write_loses_nothing(installation, mover, monkeypatch, is_replicated):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    second, main = installation.servers.named(SECOND), installation.servers.home
    if not is_replicated:
        monkeypatch.setattr("crmtenant.services.fleet.moving.replication_obstacle", lambda *_: "no reason")
    elif mover.why_not_replicated(tenant_id, second):
        pytest.skip("this server does not replicate")
    steps, epoch = [], _epoch(installation)
    with Persistent(installation, tenant_id) as writer:
        moved = mover.move(tenant_id, second, steps.append)
        before = writer.written
        while writer.written < before + 20:
            time.sleep(0.01)
    assert (moved.server, moved.is_replicated) == (SECOND, is_replicated)
    assert moved.pause_seconds < 10
    assert steps
    assert server_of(installation, tenant_id) == SECOND
    assert _epoch(installation) == epoch + 1
    found = {key for (key,) in rows_in(installation, tenant_id, "SELECT key FROM answer WHERE user_id = 'w'")}
    assert found >= {f"key-{number}" for number in range(writer.written)}
    assert_nothing_is_left_over(installation)
    assert installation.reconciler(patience_seconds=0).reconcile() == []
    # And back again: there are no traces that would be in the way.
    if is_replicated:
        saved = contents_of(installation, tenant_id)
        mover.move(tenant_id, main)
        assert_works(installation, tenant_id, saved)


def test_a_suspended_company_stays_suspended(installation, mover, tmp_path):
    weigh(installation, second=0)
    tenant_id = installation.registrar.register(new_company()).tenant_id
    installation.lifecycle().suspend(tenant_id)
    mover.move(tenant_id, installation.servers.named(SECOND))
    with pytest.raises(psycopg2.OperationalError):
        rows_in(installation, tenant_id, "SELECT 1")
    installation.lifecycle().resume(tenant_id)
    assert rows_in(installation, tenant_id, "SELECT id FROM company") == [(tenant_id,)]


def test_what_was_not_copied_right_stays_where_it_was(installation, mover, monkeypatch):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    saved = contents_of(installation, tenant_id)
    monkeypatch.setattr("crmtenant.services.fleet.moving.differences", lambda *_: ["table task"])
    monkeypatch.setattr("crmtenant.db.admin.dumps.differences", lambda *_: ["table task"])
    with pytest.raises(OperatorError, match="The copy differs: table task"):
        mover.move(tenant_id, installation.servers.named(SECOND))
    assert server_of(installation, tenant_id) == "main"
    assert_works(installation, tenant_id, saved)
    assert_nothing_is_left_over(installation)


def test_a_server_is_emptied_several_companies_at_a_time(installation, tmp_path, capsys):
    weigh(installation, second=0)
    made = [installation.registrar.register(new_company()).tenant_id for _ in range(3)]
    weigh(installation, second=1)
    operations = installation.operations(tmp_path / "backups")
    operations.server_registry.drain("main")
    leaving = operations.server_registry.companies_on("main")
    failed = move_all(SimpleNamespace(operations=operations), leaving, jobs=2, is_quiet=False)
    assert failed == []
    assert {server_of(installation, tenant_id) for tenant_id in made} == {SECOND}
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [f"Moving: {done} of 3" for done in (1, 2, 3)]
    assert " s left (" in lines[0]


def test_what_cannot_be_moved_is_told(installation, mover):
    weigh(installation, second=0)
    tenant_id = installation.registrar.register(new_company()).tenant_id
    with pytest.raises(OperatorError, match="is on main already"):
        mover.move(tenant_id, installation.servers.home)
    installation.lifecycle().delete(tenant_id)
    with pytest.raises(Conflict, match="is deleting, so it cannot be moved"):
        mover.move(tenant_id, installation.servers.named(SECOND))
    with pytest.raises(OperatorError, match="There is no server third"):
        installation.servers.named("third")
