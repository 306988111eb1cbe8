"""A worker that is told to end in the middle of a night's backups."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crmtenant.platform import Platform
from tests.forks import Program
from tests.functional.serving.processes import Home, Working

STOPS_WITHIN_SECONDS = 20
WAIT_SECONDS = 30


@pytest.fixture
def home() -> Iterator[Home]:
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-worker-"))
    directory.chmod(0o711)
    made = Home(directory)
    try:
        made.serve()
        yield made
    finally:
        made.close()
        shutil.rmtree(directory)


@pytest.fixture
def platform(home: Home) -> Iterator[Platform]:
    with closing(home.platform()) as guest:
        yield guest


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


def test_it_ends_soon_breaks_off_what_it_saves_and_the_next_one_saves_it(
    home: Home, platform: Platform
) -> None:
    companies = [Working(platform) for _ in range(3)]
    admin = platform._server.address.admin
    with platform.databases.catalog.begin() as session:
        session.connection().exec_driver_sql("UPDATE tenant SET created_at = now() - interval '1 day'")
        rows = session.connection().exec_driver_sql("SELECT database FROM tenant").all()
    blockers = [admin(database).connect() for (database,) in rows]
    for blocker in blockers:
        blocker.cursor().execute("LOCK TABLE contact IN ACCESS EXCLUSIVE MODE")

    def backups_under_way() -> int:
        with closing(admin().connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crmtenant backup'"
            )
            return int(cursor.fetchone()[0])

    worker = _worker(home)
    _wait_for(backups_under_way)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(3 * STOPS_WITHIN_SECONDS) == 0
    assert time.monotonic() - began < STOPS_WITHIN_SECONDS
    _wait_for(lambda: not backups_under_way())
    for blocker in blockers:
        blocker.close()

    def proven() -> int:
        with platform.databases.catalog.begin() as session:
            statement = "SELECT count(DISTINCT tenant_id) FROM backup WHERE proven_at IS NOT NULL"
            return int(session.connection().exec_driver_sql(statement).scalar_one())

    assert proven() <= 1  # the catalog, which nothing held up
    worker = _worker(home)
    _wait_for(lambda: proven() == len(companies) + 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(STOPS_WITHIN_SECONDS) == 0
