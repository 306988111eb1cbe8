"""Real serving processes under load while they are disturbed. `CRMTENANT_TORTURE` repeats it many times."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select

from crmtenant.db.admin.connection import administering
from crmtenant.models.catalog.tables import Tenant
from crmtenant.platform import Platform
from tests.functional.serving.greedy import Greedy, waits
from tests.functional.serving.processes import Clients, Home, Working, ask

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
STRIKES = 6 if IS_TORTURE else 1
SUSPENSIONS = 5 if IS_TORTURE else 1
ENDS = 8 if IS_TORTURE else 1
GREEDY_SECONDS = 60 if IS_TORTURE else 3
LONGEST_WAIT_SECONDS = 2.0


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-load-"))
    directory.chmod(0o711)
    made = Home(directory)
    try:
        made.serve()
        yield made
    finally:
        made.close()
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def platform(home: Home) -> Iterator[Platform]:
    guest = home.platform()
    yield guest
    guest.close()


@pytest.fixture
def company(platform: Platform) -> Working:
    return Working(platform)


def written(platform: Platform, company: Working) -> int:
    """How many contacts were ever begun to be written, seen by the administrator: the company is shut."""
    with platform.databases.catalog.reading() as reader:
        ((database,),) = reader.rows(
            select(Tenant.database).where(Tenant.id == bindparam("id")), {"id": company.id}
        )
    with administering(platform._server.address.admin(database)) as admin:
        ((last,),) = admin.rows("SELECT last_value FROM contact_id_seq")
    return int(last)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
def test_a_restart_of_postgresql_loses_nothing_acknowledged_and_doubles_nothing(
    home: Home, company: Working, number: int
) -> None:
    """SIGINT is PostgreSQL's fast shutdown."""
    with Clients(home.processes[0].port, company, is_patient=True) as clients:
        for _ in range(STRIKES):
            os.kill(home.postmaster(), number)
            clients.wait_for(30)
    assert clients.refused == []
    assert clients.retried > 0
    assert set(clients.answered) == set(clients.asked)
    assert company.names() == dict.fromkeys(clients.asked, 1)


def test_a_second_after_suspending_nobody_is_served_by_any_process(
    home: Home, platform: Platform, company: Working
) -> None:
    first, second = home.processes[0], home.serve()
    try:
        with (
            Clients(first.port, company, is_patient=False, count=2) as here,
            Clients(second.port, company, is_patient=False, count=2) as there,
        ):
            for _ in range(SUSPENSIONS):
                home.crmtenant("company", "suspend", company.slug)
                time.sleep(1)
                over_at, before = time.monotonic(), written(platform, company)
                here.wait_for_refusals(5)
                there.wait_for_refusals(5)
                resumed_at = time.monotonic()
                for clients in (here, there):
                    assert not [at for at in list(clients.answered.values()) if over_at < at < resumed_at]
                assert written(platform, company) == before
                home.crmtenant("company", "resume", company.slug)
                here.wait_for(5)
                there.wait_for(5)
        for clients in (here, there):
            assert {status for status, _ in clients.refused} <= {401, 403, 404, 503}
            assert clients.unheard == []
    finally:
        assert second.stop() == 0
        home.processes.remove(second)


def test_nothing_is_done_unanswered_when_a_process_ends(home: Home, company: Working) -> None:
    for _ in range(ENDS):
        process = home.serve()
        home.processes.remove(process)
        with Clients(process.port, company, is_patient=False, count=4) as clients:
            assert process.stop() == 0
        assert clients.refused == []
        names = company.names()
        assert not names.keys() & set(clients.unheard)
        assert all(names[name] == 1 for name in clients.answered)


def test_nobody_starves_beside_companies_that_ask_for_all_that_is_dear(
    home: Home, platform: Platform, company: Working
) -> None:
    """They are served too, or told to come back; and the check of health is answered."""
    port = home.processes[0].port
    greedy = [Working(platform) for _ in range(4)]
    with Greedy(port, greedy, connections=4) as others:
        waited = waits(port, company, GREEDY_SECONDS)
        assert ask(port, "GET", "/api/health").status == 200
    assert max(waited) < LONGEST_WAIT_SECONDS
    assert len(waited) > 10 * GREEDY_SECONDS
    assert set(others.statuses) <= {0, 200, 400, 409, 413, 422, 429, 503}
    assert others.statuses[200] > 0
