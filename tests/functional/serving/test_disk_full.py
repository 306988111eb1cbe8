"""With too little space left, people go on reading, exporting and deleting, and nobody writes."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.models.catalog.tables import Server
from crmtenant.platform import Platform
from tests.functional.identity.people import HEADERS, PASSWORD
from tests.functional.identity.people import Client as Person
from tests.functional.installation import Client, Company

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
