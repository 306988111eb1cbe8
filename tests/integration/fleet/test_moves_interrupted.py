"""A company is served again, and loses nothing, wherever a move of it was killed, asleep or taken for dead."""

import time
from datetime import timedelta

import pytest

from crmtenant import advisory_locks
from crmtenant.errors import OperatorError
from crmtenant.services.fleet import pauses
from tests.integration.fleet.moves import assert_nothing_is_left_over, clear_up, rows_in, server_of
from tests.integration.killing import move_and_die
from tests.integration.saving import assert_works, busy_company, contents_of
from tests.integration.two_servers import (
    SECOND,
    empty,
    weigh,
)

_WRITTEN_MEANWHILE = """
    INSERT INTO answer (user_id, key, request_hash, created_at) VALUES ('w', 'meanwhile', '\\x00', now())
    RETURNING key
"""


@pytest.fixture
def installation(two):
    yield two
    empty(two)


def test_a_company_whose_move_was_killed_in_the_pause_is_served_again_at_once(installation, mover):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    saved = contents_of(installation, tenant_id)
    move_and_die(installation, tenant_id, SECOND, "crmtenant.services.fleet.moving:Mover._switch", "before")
    assert installation.rows("SELECT 1 FROM tenant WHERE migrating_until IS NOT NULL") == [(1,)]
    assert mover.release() == [tenant_id]
    assert_works(installation, tenant_id, saved)
    assert mover.release() == []
    clear_up(installation, mover)


def test_a_move_that_was_taken_for_dead_changes_nothing(installation, mover, monkeypatch):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    saved = contents_of(installation, tenant_id)
    switch = type(mover)._switch

    def outlive(self, move, pause):
        installation.rows("UPDATE tenant SET migrating_until = NULL RETURNING 1")
        switch(self, move, pause)

    monkeypatch.setattr(type(mover), "_switch", outlive)
    with pytest.raises(OperatorError, match="taken for dead"):
        mover.move(tenant_id, installation.servers.named(SECOND))
    assert_works(installation, tenant_id, saved)


@pytest.mark.parametrize("is_replicated", [True, False])
def test_who_is_served_while_a_mover_sleeps_loses_nothing_when_it_wakes(
    installation, mover, monkeypatch, is_replicated
):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    monkeypatch.setattr(pauses, "LEASE", timedelta(0))
    monkeypatch.setattr(pauses, "RENEW_SECONDS", 60)
    if not is_replicated:
        monkeypatch.setattr("crmtenant.services.fleet.moving.replication_obstacle", lambda *_: "no reason")
    elif mover.why_not_replicated(tenant_id, installation.servers.named(SECOND)):
        pytest.skip("this server does not replicate")
    switch, written = type(mover)._switch, []

    def sleep(self, move, pause):
        # Taken for dead though its lock is held; another process pauses the company again before it wakes.
        assert mover.release() == [tenant_id]
        written.append(rows_in(installation, tenant_id, _WRITTEN_MEANWHILE))
        with pauses.Pause(installation.catalog, tenant_id):
            switch(self, move, pause)

    monkeypatch.setattr(type(mover), "_switch", sleep)
    with pytest.raises(OperatorError, match="taken for dead"):
        mover.move(tenant_id, installation.servers.named(SECOND))
    assert server_of(installation, tenant_id) == "main"
    assert written == [[("meanwhile",)]]
    # The pause is that of the other process, so it was not ended.
    assert mover.release() == [tenant_id]
    assert rows_in(installation, tenant_id, "SELECT key FROM answer WHERE key = 'meanwhile'") == written[0]
    clear_up(installation, mover)


def test_nobody_opens_a_company_that_is_paused(installation, mover):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    server, lifecycle = installation.servers.home, installation.lifecycle()
    ((database,),) = installation.rows("SELECT database FROM tenant")
    with pauses.Pause(installation.catalog, tenant_id) as pause:
        server.provisioner.close_database(database)
        lifecycle.suspend(tenant_id)
        lifecycle.resume(tenant_id)
        installation.reconciler(patience_seconds=0).reconcile()
        assert database not in server.provisioner.inventory().open
        pause.end()
    lifecycle.settle(tenant_id)
    assert database in server.provisioner.inventory().open


def test_a_pause_is_renewed_as_long_as_somebody_is_at_work(installation, monkeypatch):
    tenant_id, _ = busy_company(installation)
    monkeypatch.setattr(pauses, "RENEW_SECONDS", 0.01)
    with pauses.Pause(installation.catalog, tenant_id) as pause:
        begun = pause._until
        while pause._until == begun:
            time.sleep(0.01)
        assert pauses.end_lapsed(installation.catalog) == []
        with installation.catalog.begin() as session:
            assert pause.require(session).id == tenant_id
    assert installation.rows("SELECT migrating_until FROM tenant") == [(pause._until,)]
    pause.end()
    assert installation.rows("SELECT migrating_until FROM tenant") == [(None,)]


def test_a_killed_moves_company_is_served_again_while_others_are_migrated(installation, mover, monkeypatch):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    saved = contents_of(installation, tenant_id)
    move_and_die(installation, tenant_id, SECOND, "crmtenant.services.fleet.moving:Mover._switch", "before")
    began_at = time.monotonic()
    with installation.servers.try_lock(advisory_locks.MIGRATION):
        while not mover.release():
            assert time.monotonic() < began_at + 10
            time.sleep(0.1)
        assert_works(installation, tenant_id, saved)
    clear_up(installation, mover)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("where", "moment", "server"),
    [
        ("crmtenant.db.admin.replication:Replication.begin", "after", "main"),
        ("crmtenant.db.admin.replication:Replication.catch_up", "before", "main"),
        ("crmtenant.services.fleet.moving:Mover._switch", "before", "main"),
        ("crmtenant.services.fleet.moving:Mover._switch", "after", SECOND),
        ("crmtenant.db.admin.replication:Replication.end", "before", SECOND),
    ],
)
def test_a_move_killed_anywhere_leaves_the_company_whole(installation, mover, where, moment, server):
    weigh(installation, second=0)
    tenant_id, _ = busy_company(installation)
    second = installation.servers.named(SECOND)
    if mover.why_not_replicated(tenant_id, second):
        pytest.skip("this server does not replicate")
    saved = contents_of(installation, tenant_id)
    move_and_die(installation, tenant_id, SECOND, where, moment)
    clear_up(installation, mover)
    assert server_of(installation, tenant_id) == server
    assert_works(installation, tenant_id, saved)
    assert_nothing_is_left_over(installation)
