"""A worker that is told to end in the middle of a night's backups, of a copy for an owner and of a purge."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crmtenant.platform import Platform
from crmtenant.services.tenants.company_jobs import Asker
from tests.forks import Program
from tests.functional.serving.processes import Home, Working

STOPS_WITHIN_SECONDS = 20
WAIT_SECONDS = 60


@pytest.fixture
def home() -> Iterator[Home]:
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-worker-"))
    directory.chmod(0o711)
    made = Home(directory)
    try:
        # Nobody but the worker that is told to end does its work.
        made.ini.write_text(
            f"{made.ini.read_text()}\n".replace("worker_inside = true", "worker_inside = false")
        )
        made.serve()
        yield made
    finally:
        made.close()
        shutil.rmtree(directory)


@pytest.fixture
def platform(home: Home) -> Iterator[Platform]:
    with closing(home.platform()) as guest:
        yield guest


@pytest.fixture
def started() -> Iterator[list[Program]]:
    """The workers that were started; none outlives a test that fails."""
    workers: list[Program] = []
    yield workers
    for worker in workers:
        worker.send_signal(signal.SIGKILL)


def _worker(home: Home) -> Program:
    """A worker whose night began a moment after the companies were founded."""
    ini = home.directory / "worker.ini"
    moment = time.strftime("%H:%M", time.gmtime())
    ini.write_text(
        home.ini.read_text().replace("crmtenant.backup_at = none", f"crmtenant.backup_at = {moment}")
    )
    return home.command(ini, "worker")


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_ends_soon_breaks_off_what_it_does_and_the_next_one_does_it(
    home: Home, platform: Platform, started: list[Program]
) -> None:
    companies, doomed = [Working(platform) for _ in range(2)], Working(platform)
    admin = platform._server.address.admin

    def catalog(statement: str) -> list[Any]:
        with platform.databases.catalog.begin() as session:
            result = session.connection().exec_driver_sql(statement)
            return list(result.all()) if result.returns_rows else []

    catalog("UPDATE tenant SET created_at = now() - interval '1 day'")
    databases = dict(catalog("SELECT id, database FROM tenant"))
    members = dict(catalog("SELECT tenant_id, login_id FROM user_company_map"))
    copied = companies[0].id
    platform.tenants.jobs.ask_sandbox(Asker(copied, members[copied]), "Trial", is_masked=False, days=3)
    platform.operations.lifecycle.delete(doomed.id, timedelta(0))
    blockers = [admin(database).connect() for database in databases.values()]
    for blocker in blockers:
        blocker.cursor().execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")

    def waiting() -> set[str]:
        """The databases in which the worker waits for a lock."""
        with closing(admin().connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return {database for (database,) in cursor.fetchall()}

    started.append(worker := _worker(home))
    _wait_for(lambda: waiting() >= {databases[one.id] for one in (*companies, doomed)})
    assert catalog("SELECT state FROM company_job") == [("running",)]
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(3 * STOPS_WITHIN_SECONDS) == 0
    assert time.monotonic() - began < STOPS_WITHIN_SECONDS
    _wait_for(lambda: not waiting())
    for blocker in blockers:
        blocker.close()

    def proven() -> set[str]:
        return {one for (one,) in catalog("SELECT tenant_id FROM backup WHERE proven_at IS NOT NULL")}

    assert not proven() & databases.keys()
    assert catalog("SELECT state, attempts FROM company_job") == [("waiting", 0)]
    assert catalog("SELECT state FROM tenant WHERE delete_after IS NOT NULL") == [("deleting",)]
    started.append(worker := _worker(home))
    _wait_for(lambda: proven() >= databases.keys())
    _wait_for(lambda: catalog("SELECT state FROM company_job") == [("done",)])
    _wait_for(lambda: catalog("SELECT tenant_id FROM deletion_receipt") == [(doomed.id,)])
    assert catalog("SELECT count(*) FROM tenant WHERE state = 'active'") == [(len(companies) + 1,)]
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(STOPS_WITHIN_SECONDS) == 0
