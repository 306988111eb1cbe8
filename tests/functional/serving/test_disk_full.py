"""With too little space left, people go on reading, exporting and deleting, and nobody writes."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.db.embedded import postmaster
from crmtenant.db.embedded.open_server import Server as OpenServer
from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import Server
from crmtenant.platform import Platform
from tests.functional.identity.people import HEADERS, PASSWORD
from tests.functional.identity.people import Client as Person
from tests.functional.installation import Client, Company, for_tests, settings_for
from tests.small_disk import MEGABYTE, fill, small_disk

LEAST = 1000


class Disk:
    """The space that a process sees on the disk of its own PostgreSQL."""

    free = 10 * LEAST

    def __call__(self) -> int:
        return self.free


@pytest.fixture(scope="module")
def disk() -> Disk:
    return Disk()


@pytest.fixture(scope="module")
def process(platforms: Any, disk: Disk) -> Platform:
    opened: Platform = platforms(min_free_bytes=LEAST)
    opened.storage.free_bytes = disk
    return opened


@pytest.fixture(scope="module")
def watching_app(process: Platform) -> TestApp:
    return TestApp(make_app(process), extra_environ={"HTTP_HOST": "localhost"})


@pytest.fixture
def full(disk: Disk) -> Any:
    """The disk as long as it is full."""
    disk.free = LEAST - 1
    yield disk
    disk.free = 10 * LEAST


def _writes(client: Client, contact: int, project: int) -> list[Any]:
    return [
        client.post("/api/contacts", {"name": "Bo"}),
        client.post("/api/contacts", {"name": "Bo"}, {"Idempotency-Key": "full"}),
        client.patch(f"/api/contacts/{contact}", {"note": "x"}),
        client.post(f"/api/projects/{project}/tasks", {"title": "x"}),
        client.post("/api/contacts/bulk", {"create": [{"name": "Bo"}]}),
        client.post(
            "/api/contacts/bulk", {"update": [{"id": contact, "note": "x"}], "delete": [contact + 1]}
        ),
        client.raw("POST", "/api/contacts/import", b"name\nBo\n", {"Content-Type": "text/csv"}),
        client.raw("POST", "/api/contacts/import?dry_run=true", b"name\nBo\n", {"Content-Type": "text/csv"}),
    ]


def test_all_but_writing_goes_on(north: Company, watching_app: TestApp, full: Disk) -> None:
    full.free = 10 * LEAST
    client = north.client(app=watching_app)
    first, second, third = (client.create("/api/contacts", name=f"N{n}")["id"] for n in range(3))
    project = client.create("/api/projects", name="House")["id"]
    full.free = LEAST - 1
    before = north.everything()
    for answer in _writes(client, first, project):
        assert (answer.status_int, answer.json["code"]) == (507, "storage_full")
    assert north.everything() == before
    assert client.ids("/api/contacts", sort="name") == [first, second, third]
    assert client.get("/api/contacts/export", format="csv").text.count("\n") == 4
    assert client.get("/api/company/export").status_int == 200
    assert client.delete(f"/api/contacts/{first}").status_int == 204
    assert client.post("/api/contacts/bulk", {"delete": [second]}).status_int == 200
    assert client.ids("/api/contacts") == [third]
    assert client.post(f"/api/contacts/{first}/restore").status_int == 507
    assert Client(watching_app, None).read("/api/health") == {"status": "storage_full"}
    # A little more is not enough: it would come and go.
    full.free = LEAST + 1
    assert client.post("/api/contacts", {"name": "Bo"}).status_int == 507
    full.free = 2 * LEAST
    assert client.post("/api/contacts", {"name": "Bo"}).status_int == 201
    assert Client(watching_app, None).read("/api/health") == {"status": "ok"}


def test_people_sign_in_and_out_but_nobody_registers(process: Platform, client: Person, full: Disk) -> None:
    email = client.register().json["user"]["email"]
    person = Person(process)
    person.keep(person.sign_in(email))
    assert person.who().status_int == 200
    person.keep(person.refresh())
    assert person.call("DELETE", "/api/sessions/current", headers=HEADERS).status_int == 204
    draft = {"company_name": "X", "name": "Y", "email": "z@example.com", "password": PASSWORD}
    refused = person.call("POST", "/api/registrations", draft, token=None)
    assert (refused.status_int, refused.json["code"]) == (507, "storage_full")


def test_every_process_hears_from_the_worker_that_a_server_is_full(
    platform: Platform, second_app: TestApp, north: Company, clock: Any
) -> None:
    client = north.client(app=second_app)
    contact = client.create("/api/contacts", name="N")["id"]

    def tell(*, is_full: bool) -> None:
        with platform.databases.catalog.begin() as session:
            session.query(Server).update({"is_full": is_full})
        clock.put_forward(1)

    tell(is_full=True)
    try:
        refused = client.post("/api/contacts", {"name": "Bo"})
        assert (refused.status_int, refused.json["code"]) == (507, "storage_full")
        assert client.get(f"/api/contacts/{contact}").status_int == 200
        assert client.delete(f"/api/contacts/{contact}").status_int == 204
    finally:
        tell(is_full=False)
    assert client.post("/api/contacts", {"name": "Bo"}).status_int == 201


RESERVE = 64 * MEGABYTE


def test_a_real_disk_that_somebody_fills_to_the_last_byte(clock: Any) -> None:
    """Without ballast PostgreSQL does not come up again on it, and then nothing can be read either."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(384 * MEGABYTE))
        server = EmbeddedServer(disk / "data", reserve_bytes=RESERVE)
        address = server.start()
        stack.callback(server.stop)
        opened = OpenServer(address, lambda: None, server.revive, server.free_bytes)
        platform = for_tests(Platform(settings_for(disk / "data", min_free_bytes=RESERVE), opened), clock)
        stack.callback(platform.close)
        app = TestApp(make_app(platform), extra_environ={"HTTP_HOST": "localhost"})
        company = Company(address, platform, app, "Full")
        client = company.client()
        ids = [client.create("/api/contacts", name=f"N{number}")["id"] for number in range(10)]
        server.revive()
        assert (disk / "data" / "ballast").exists()

        free = server.free_bytes()
        assert free is not None
        fill(disk / "some", free - RESERVE + MEGABYTE)
        assert client.post("/api/contacts", {"name": "Bo"}).status_int == 507
        assert client.get("/api/contacts/export", format="csv").status_int == 200
        assert client.delete(f"/api/contacts/{ids[0]}").status_int == 204

        fill(disk / "rest")
        assert server.free_bytes() == 0
        _kill(disk / "data" / "postgres")
        assert client.get("/api/contacts").status_int == 503
        _revive(server)
        assert not (disk / "data" / "ballast").exists()
        assert client.ids("/api/contacts", sort="name") == ids[1:]
        assert client.delete(f"/api/contacts/{ids[1]}").status_int == 204
        assert client.post("/api/contacts", {"name": "Bo"}).status_int == 507

        (disk / "rest").unlink()
        (disk / "some").unlink()
        assert client.post("/api/contacts", {"name": "Bo"}).status_int == 201
        server.revive()
        assert (disk / "data" / "ballast").exists()


def _kill(cluster: Path) -> None:
    os.kill(int((cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while postmaster.is_running(cluster):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _revive(server: EmbeddedServer) -> None:
    """Restart it; processes of the killed one may hold its shared memory a moment longer."""
    deadline = time.monotonic() + 20
    while True:
        try:
            assert server.revive()
            return
        except OperatorError:
            if time.monotonic() > deadline:
                raise
