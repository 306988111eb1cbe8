"""Databases in reserve: as many as asked for, of the newest revision, made by one process at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmtenant import advisory_locks
from crmtenant.db.admin.installation import Template
from crmtenant.ids import new_id
from crmtenant.services.fleet.server_rows import record_template
from tests.integration.installation import new_company
from tests.integration.killing import top_up_and_die

STEPS = {
    "row": "crmtenant.services.fleet.spares:Spares._finish",
    "role": "crmtenant.db.admin.statements:ensure_login",
    "copy": "crmtenant.db.admin.statements:copy_template",
    "opening": "crmtenant.db.admin.statements:open_to",
    "warming": "crmtenant.db.admin.provisioning:Provisioner.warm",
}


def _states(installation):
    return sorted(state for (state,) in installation.rows("SELECT state FROM spare"))


def test_spares_are_made_up_to_the_count_and_no_further(installation):
    assert installation.spares(2).top_up() == 2
    assert installation.spares(2).top_up() == 0
    assert installation.spares(1).top_up() == 0
    assert _states(installation) == ["ready", "ready"]
    installation.assert_no_orphans()


def test_a_spare_that_was_used_is_replaced(installation):
    installation.spares(1).top_up()
    installation.registrar.register(new_company())
    assert _states(installation) == []
    assert installation.spares(1).top_up() == 1
    installation.assert_no_orphans()


def test_making_stops_when_it_is_told_to(installation):
    told = iter([False, True])
    assert installation.spares(5).top_up(lambda: next(told)) == 1


def test_several_at_once_do_not_make_too_many(installation):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: installation.spares(3).top_up(), range(4)))
    assert sum(number or 0 for number in made) == 3
    assert len(_states(installation)) == 3


def test_nothing_is_made_while_another_process_is_at_it(installation):
    with installation.servers.try_lock(advisory_locks.MAINTENANCE) as is_alone:
        assert is_alone
        assert installation.spares(1).top_up() is None
    assert installation.databases() == set()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_spare_whose_maker_was_killed_is_finished(installation, step, moment):
    top_up_and_die(installation, STEPS[step], moment)
    installation.spares(1).top_up()
    assert _states(installation) == ["ready"]
    installation.assert_no_orphans()
    installation.registrar.register(new_company())
    installation.assert_no_orphans()


def test_a_spare_of_an_older_revision_is_dropped_and_never_claimed(installation):
    installation.spares(1).top_up()
    ((stale,),) = installation.rows("UPDATE spare SET revision = '0000' RETURNING database")
    installation.registrar.register(new_company())
    assert installation.rows("SELECT database FROM spare") == [(stale,)]
    assert installation.spares(1).top_up() == 1
    assert stale not in installation.databases()
    installation.assert_no_orphans()


def test_a_spare_claimed_and_a_transaction_that_fails_leave_the_spare(installation, monkeypatch):
    installation.spares(1).top_up()

    def fail(*_):
        raise ConnectionAbortedError

    monkeypatch.setattr("crmtenant.services.tenants.registration_rows._insert_tenant", fail)
    with pytest.raises(ConnectionAbortedError):
        installation.registrar.register(new_company())
    assert _states(installation) == ["ready"]
    installation.assert_no_orphans()


def test_the_template_of_an_older_release_does_not_replace_a_newer_one(installations):
    installation = installations()
    installation.set_up()
    record_template(installation.catalog, Template("newer", "9999"))
    record_template(installation.catalog, Template("older", "0001"))
    assert installation.rows("SELECT template_database, template_revision FROM server") == [("newer", "9999")]


def test_claims_and_making_at_once_lose_nothing(installation):
    spares, done = installation.spares(2), threading.Event()

    def keep_up():
        while not done.is_set():
            spares.top_up(done.is_set)

    thread = threading.Thread(target=keep_up)
    thread.start()
    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: installation.registrar.register(new_company()), range(9)))
    finally:
        done.set()
        thread.join()
    installation.assert_no_orphans()
    assert len(installation.rows("SELECT 1 FROM tenant")) == 9
    assert new_id("t") not in installation.databases()
