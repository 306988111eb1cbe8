"""A serving process that may not create databases: it asks a worker for them."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.services.tenants import database_requests
from crmtenant.worker import Worker
from tests.functional.installation import Client
from tests.nouns import NOUNS


@pytest.fixture
def bare(platform: Platform, server_address: ServerAddress) -> Iterator[Platform]:
    """A process on the same catalog whose database_url names no user."""
    unprivileged = ServerAddress(server_address.host, server_address.port, None)
    opened = Platform(platform.settings, Server(unprivileged, lambda: None))
    yield opened
    opened.close()


@pytest.fixture
def ask(bare: Platform) -> TestApp:
    return TestApp(make_app(bare), extra_environ={"HTTP_HOST": "localhost"})


@pytest.fixture
def worker(platform: Platform) -> Iterator[Platform]:
    """A worker without spares is at work."""
    settings = dataclasses.replace(platform.settings, spares=0, backup_at=None)
    own = Platform(settings, Server(platform._server.address, lambda: None))
    running = Worker(own, NOUNS)
    running.start()
    yield platform
    running.stop()
    own.close()


def _register(app: TestApp, key: str = "") -> Any:
    body = {
        "company_name": "Without Rights",
        "name": "Ada Berg",
        "email": f"{key or secrets.token_hex(6)}@example.com",
        "password": "seven green umbrellas",
    }
    headers = {"Idempotency-Key": key} if key else {}
    return app.post_json("/api/registrations", body, headers=headers, expect_errors=True)


@pytest.mark.usefixtures("worker")
def test_a_worker_makes_the_database_while_the_client_waits(ask: TestApp) -> None:
    made = _register(ask)
    assert made.status_int == 201
    client = Client(ask, made.json["access_token"])
    assert client.create("/api/contacts", kind="person", given_name="Ben", family_name="Cole")["id"] == 1


@pytest.mark.usefixtures("worker")
def test_a_worker_does_what_an_owner_asks_for(ask: TestApp) -> None:
    client = Client(ask, _register(ask).json["access_token"])
    asked = client.post("/api/company/backups")
    assert asked.status_int == 202
    deadline = time.monotonic() + 30
    job = asked.json
    while job["state"] in {"waiting", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        job = client.read(asked.headers["Location"])
    assert (job["state"], client.read("/api/company/backups")["items"][0]["is_sound"]) == ("done", True)


def test_a_spare_answers_without_any_worker(platform: Platform, ask: TestApp) -> None:
    platform.operations.spares(1).top_up()
    made = _register(ask)
    assert made.status_int == 201
    assert Client(ask, made.json["access_token"]).get("/api/contacts").status_int == 200


def test_without_a_worker_it_is_put_off_and_found_done_under_the_same_key(
    platform: Platform, bare: Platform, ask: TestApp
) -> None:
    bare.tenants.registrar._provide = database_requests.DelegatedProvisioning(
        bare.databases.catalog, timeout_seconds=0.2
    )
    key = secrets.token_hex(8)
    put_off = _register(ask, key)
    assert put_off.status_int == 503
    assert put_off.headers["Retry-After"] == "5"
    spares = platform.operations.spares(0)
    reconciler = platform.operations.reconciler(spares)
    reconciler._patience *= 0
    assert "finished" in {finding.outcome for finding in reconciler.reconcile()}
    made = _register(ask, key)
    assert made.status_int == 201
    assert Client(ask, made.json["access_token"]).get("/api/contacts").status_int == 200


def test_one_registration_waits_for_a_worker_and_the_others_are_put_off_at_once(
    bare: Platform, ask: TestApp
) -> None:
    provide = database_requests.DelegatedProvisioning(bare.databases.catalog, timeout_seconds=60)
    bare.tenants.registrar._provide = provide
    with provide._waiting:  # as while another one waits
        put_off = _register(ask)
    assert put_off.status_int == 503
    assert put_off.headers["Retry-After"] == "5"


def test_it_has_no_way_to_make_a_database_or_a_role(bare: Platform) -> None:
    with pytest.raises(OperatorError, match="may not create databases"):
        _ = bare.operations
    with pytest.raises(OperatorError, match="may not create databases"):
        Worker(bare, NOUNS)
    with bare.databases.catalog.begin() as session:
        connection = session.connection().connection.dbapi_connection
        assert isinstance(connection, psycopg2.extensions.connection)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
                " WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (False,) * 5
            cursor.execute("SELECT pg_has_role(%s, 'USAGE')", (f"{bare.settings.catalog_database}_owner",))
            assert cursor.fetchone() == (False,)


def test_a_catalog_of_an_older_release_is_told(
    platform: Platform, server_address: ServerAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmtenant.db.schema.migrations.head", lambda _: "9999")
    unprivileged = ServerAddress(server_address.host, server_address.port, None)
    with pytest.raises(OperatorError, match="start this release's worker first"):
        Platform(platform.settings, Server(unprivileged, lambda: None))


def test_owners_take_everything_along_and_bring_it_in(platform: Platform, ask: TestApp) -> None:
    platform.operations.spares(2).top_up()
    source, target = (Client(ask, _register(ask).json["access_token"]) for _ in range(2))
    project = source.create("/api/projects", name="Harbour")
    source.create("/api/tasks", title="Measure", project_id=project["id"])
    source.create("/api/contacts", kind="person", given_name="Ben", family_name="Cole")
    exported = source.get("/api/company/export")
    assert (exported.status_int, exported.content_type) == (200, "application/zip")
    brought = target.raw("POST", "/api/company/import", exported.body, {"Content-Type": "application/zip"})
    assert brought.status_int == 200, brought.text
    for path, name in (("/api/projects", "name"), ("/api/tasks", "title"), ("/api/contacts", "family_name")):
        found = [[(item["id"], item[name]) for item in one.read(path)["items"]] for one in (source, target)]
        assert found[0] == found[1] != []
    # New ids go on after those that came along.
    assert target.create("/api/contacts", kind="person", family_name="Dorn")["id"] == 2
