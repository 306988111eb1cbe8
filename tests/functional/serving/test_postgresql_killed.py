"""A serving process whose PostgreSQL is killed answers again by itself."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.db.embedded.open_server import open_server
from crmtenant.platform import Platform
from crmtenant.worker import accompany
from tests.functional.installation import Client, Company, settings_for
from tests.nouns import NOUNS

PATIENCE_SECONDS = 15


@pytest.fixture
def serving() -> Iterator[Platform]:
    """A platform with a PostgreSQL of its own, and everything that goes on beside requests."""
    with tempfile.TemporaryDirectory(prefix="crmtenant-tests-") as directory:
        Path(directory).chmod(0o755)
        settings = settings_for(Path(directory) / "var", demo=False, spares=0)
        platform = Platform.open(settings)
        try:
            accompany(platform, NOUNS)
            platform.start_serving()
            yield platform
        finally:
            platform.close()
        assert not (settings.data_dir / "postgres" / "postmaster.pid").exists()


def _statuses_until_it_answers(client: Client) -> list[int]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    statuses = []
    while 200 not in statuses:
        assert time.monotonic() < deadline, set(statuses)
        statuses.append(client.get("/api/contacts").status_int)
        time.sleep(0.05)
    return statuses


def test_requests_are_answered_again_after_postgresql_was_killed(serving: Platform) -> None:
    app = TestApp(make_app(serving), extra_environ={"HTTP_HOST": "localhost"})
    guest = open_server(serving.settings)
    company = Company(guest.address, serving, app, "North")
    client = company.client()
    made = client.create("/api/contacts", name="Ada")
    pid = int((serving.settings.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    assert set(_statuses_until_it_answers(client)) <= {200, 503}
    assert client.read(f"/api/contacts/{made['id']}") == made
    assert client.create("/api/contacts", name="Grace")["id"] != made["id"]
    guest.close()
