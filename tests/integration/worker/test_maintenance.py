"""The thread that does it all, and that nothing ends but its owner."""

import threading
import time

import pytest
import structlog

from crmtenant.db.pool.notify import SPARES
from crmtenant.services.tenants.registration import Registrar
from crmtenant.worker.listener import NotifyListener
from crmtenant.worker.maintenance import Maintenance
from tests.integration.installation import new_company


@pytest.fixture
def maintenance(installation):
    """Makes maintenance threads, started, and stops them."""
    started = []

    def make(*sweeps, count=1, interval_seconds=3600, wake=None, reconciler=None):
        started.append(
            Maintenance(
                reconciler or installation.reconciler(patience_seconds=0),
                installation.spares(count),
                sweeps,
                interval_seconds=interval_seconds,
                wake=wake or threading.Event(),
            )
        )
        started[-1].start()
        return started[-1]

    yield make
    for one in started:
        one.stop()


def _wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _ready(installation):
    return len(installation.rows("SELECT 1 FROM spare WHERE state = 'ready'"))


def test_spares_are_ready_soon_after_the_start(installation, maintenance):
    maintenance(count=2)
    _wait_until(lambda: _ready(installation) == 2)


def test_a_spare_that_is_used_up_is_replaced_at_once(installation, maintenance):
    wake = threading.Event()
    maintenance(wake=wake)
    _wait_until(lambda: _ready(installation) == 1)
    listening = NotifyListener(installation.catalog.address, {SPARES: lambda _: wake.set()})
    listening.start()
    installation.registrar.register(new_company())
    _wait_until(lambda: _ready(installation) == 1)
    listening.stop()
    installation.assert_no_orphans()


def test_what_broke_off_is_finished_at_the_start(installation, maintenance, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Registrar, "_activate", lambda *_: None)
        installation.registrar.register(new_company())
    maintenance(count=0)
    _wait_until(lambda: installation.rows("SELECT state FROM tenant") == [("active",)])
    installation.assert_no_orphans()


def test_sweeps_run_at_every_interval(maintenance):
    rounds = []
    maintenance(lambda: rounds.append(1), count=0, interval_seconds=0.05)
    _wait_until(lambda: len(rounds) >= 3)


def test_being_woken_is_for_the_spares_alone(installation, maintenance):
    rounds, wake = [], threading.Event()
    maintenance(lambda: rounds.append(1), wake=wake)
    _wait_until(lambda: _ready(installation) == 1)
    installation.registrar.register(new_company())
    wake.set()
    _wait_until(lambda: _ready(installation) == 1)
    assert rounds == [1]


def test_trouble_is_logged_and_does_not_end_the_thread(installation, maintenance):
    def fail():
        raise RuntimeError("no room")

    rounds = []
    with structlog.testing.capture_logs() as logs:
        maintenance(fail, lambda: rounds.append(1), interval_seconds=0.05)
        _wait_until(lambda: len(rounds) >= 2 and _ready(installation) == 1)
    failures = [entry for entry in logs if entry["event"] == "job_failed"]
    assert len(failures) >= 2
    assert {entry["log_level"] for entry in failures} == {"error"}
    assert "fail" in failures[0]["job"]


def test_two_at_once_make_as_many_spares_as_one(installation, maintenance):
    rounds = [], []
    for mine in rounds:
        maintenance(lambda mine=mine: mine.append(1), count=2, interval_seconds=0.05)
    _wait_until(lambda: _ready(installation) == 2)
    before = [len(mine) for mine in rounds]
    _wait_until(lambda: all(len(mine) >= count + 3 for mine, count in zip(rounds, before, strict=True)))
    assert _ready(installation) == 2
    installation.assert_no_orphans()


def test_stopping_is_quick_even_in_the_middle_of_making_many(installation, maintenance):
    one = maintenance(count=100)
    _wait_until(lambda: _ready(installation) >= 1)
    before = _ready(installation)
    one.stop()
    assert not one._thread.is_alive()
    # The one that was being made, and the one that was ready after we had looked.
    assert _ready(installation) <= before + 2
    installation.assert_no_orphans()


def test_one_that_was_never_started_can_be_stopped(installation):
    Maintenance(
        installation.reconciler(), installation.spares(0), (), interval_seconds=1, wake=threading.Event()
    ).stop()
