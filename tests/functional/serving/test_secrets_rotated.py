"""Secrets are rotated while processes serve, and no request fails."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from webtest import TestApp, TestResponse

from crmtenant import make_app
from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.admin.connection import administering
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.secrets import secret_file
from crmtenant.db.secrets.secret_source import LOOK_EVERY_SECONDS
from crmtenant.platform import SIGNING_FILE, Platform
from tests.clock import Clock
from tests.functional.installation import Client, Company, for_tests
from tests.functional.serving.crowd import Crowd, Person

REGISTRATION = {
    "company_name": "RolePasswordRotation",
    "name": "Anna Berg",
    "password": "purple monkey dishwasher 9",
    "transport": "body",
}


@pytest.fixture(scope="module")
def processes(platform: Platform, server_address: Any, tmp_path_factory: Any, clock: Clock) -> Any:
    """Two processes whose signing secret is in one generated file, and that file."""
    directory = tmp_path_factory.mktemp("rotated")
    settings = dataclasses.replace(
        platform.settings, signing_secret="generate", data_dir=directory, backup_dir=directory
    )
    opened = [for_tests(Platform(settings, Server(server_address, lambda: None)), clock) for _ in range(2)]
    apps = [TestApp(make_app(one), extra_environ={"HTTP_HOST": "localhost"}) for one in opened]
    yield SimpleNamespace(opened=opened, apps=apps, file=directory / SIGNING_FILE, settings=settings)
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def company(processes: Any, server_address: Any) -> Company:
    made = Company(server_address, processes.opened[0], processes.apps[0], "Rotated")
    for number in range(3):
        made.client().create("/api/contacts", kind="person", family_name=f"Berg {number}")
    return made


def _run(settings: Any, monkeypatch: Any, *arguments: str, code: int = 0) -> str:
    monkeypatch.setattr(Context, "settings", lambda _: settings)
    result = CliRunner().invoke(main, ["secrets", "rotate", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_what_was_signed_before_holds_until_the_key_is_retired(processes, company, monkeypatch, clock):
    first, second = processes.apps
    before = company.token()
    page = Client(first, before).read("/api/contacts", limit=1, sort="name")
    key = {"Idempotency-Key": "rotated-registration"}
    draft = {**REGISTRATION, "email": f"{company.id}@example.com"}
    registered = Client(first, None).post("/api/registrations", draft, key)
    assert registered.status_int == 201, registered.text

    assert "signed with a new key" in _run(processes.settings, monkeypatch, "--signing")
    clock.put_forward(LOOK_EVERY_SECONDS)
    after = company.token()
    assert after.partition(".")[0] != before.partition(".")[0]
    for app in (second, first):
        for token in (before, after):
            assert Client(app, token).get("/api/contacts").status_int == 200
        following = Client(app, after).get(page["next"])
        assert following.status_int == 200, following.text
        again = Client(app, None).post("/api/registrations", draft, key)
        same = ("refresh_token", "user", "company")
        assert [again.json[name] for name in same] == [registered.json[name] for name in same]

    refusal = _run(processes.settings, monkeypatch, "--signing", "--retire", code=1)
    assert "valid for another" in refusal
    assert Client(second, before).get("/api/contacts").status_int == 200
    assert "Old keys removed: " in _run(processes.settings, monkeypatch, "--signing", "--retire", "--now")
    clock.put_forward(LOOK_EVERY_SECONDS)
    for app in (first, second):
        assert Client(app, before).get("/api/contacts").status_int == 401
        assert Client(app, after).get("/api/contacts").status_int == 200
        assert Client(app, after).get(page["next"]).status_int == 400


def test_a_token_of_a_key_that_has_only_just_come_is_believed(processes, company):
    """The second process looked at the file a moment ago; it looks again for a key it does not know."""
    first, second = processes.opened
    second.identity.tokens.read(company.token())
    secret_file.rotate(processes.file)
    first._keyring.secrets(at_once=True)
    assert Client(processes.apps[1], company.token()).get("/api/contacts").status_int == 200


def test_processes_that_sign_on_meanwhile_are_never_refused(processes, company, clock):
    """Each reads what the other has just signed, while the key changes again and again."""

    def person(mine: int) -> Person:
        def ask() -> list[TestResponse]:
            token = processes.opened[mine].identity.tokens.issue(company.people["owner"], company.id, 1)
            return [Client(processes.apps[1 - mine], token).get("/api/contacts")]

        return ask

    with Crowd([person(0), person(1)]) as crowd:
        for _ in range(6):
            secret_file.rotate(processes.file)
            clock.put_forward(LOOK_EVERY_SECONDS / 3)
            crowd.wait_for_rounds(2)
    assert crowd.refused == []
    assert crowd.answers[200] > 6


def test_a_file_that_cannot_be_read_for_a_moment_signs_nobody_out(processes, company, clock):
    client, text = Client(processes.apps[1], company.token()), processes.file.read_text()
    # The second process knows the key that the first signed with.
    assert client.get("/api/contacts").status_int == 200
    processes.file.write_text("")
    clock.put_forward(LOOK_EVERY_SECONDS)
    try:
        assert client.get("/api/contacts").status_int == 200
    finally:
        processes.file.write_text(text)


def test_a_secret_from_outside_is_for_the_operator_to_change(platform, monkeypatch):
    told = _run(platform.settings, monkeypatch, "--signing")
    assert told.index("after the current one") < told.index("to the front") < told.index("remove the old one")
    assert platform.settings.signing_secret not in told


@pytest.mark.parametrize(
    "arguments",
    [(), ("--signing", "--roles"), ("--roles",), ("--roles", "x", "--all"), ("--signing", "x"),
     ("--signing", "--now"), ("--roles", "--all", "--retire")],
)  # fmt: skip
def test_what_is_not_clear_is_refused(platform, monkeypatch, arguments):
    _run(platform.settings, monkeypatch, *arguments, code=2)


def _people(company: Company, apps: list[TestApp]) -> list[Person]:
    """Two who read and two who write, one of each in either process."""

    def reader(app: TestApp) -> Person:
        client = company.client(app=app)
        return lambda: [client.get("/api/contacts")]

    def writer(app: TestApp) -> Person:
        client = company.client(app=app)
        return lambda: [client.post("/api/contacts", {"kind": "person", "family_name": "Crowd"})]

    return [role(app) for role in (reader, writer) for app in apps]


def test_roles_change_their_passwords_while_people_are_at_work(processes, company, clock):
    role_password_rotation = processes.opened[0].operations.role_password_rotation
    with Crowd(_people(company, processes.apps)) as crowd:
        for _ in range(5):
            assert [
                result.problem
                for result in role_password_rotation.rotate(role_password_rotation.companies(company.slug))
            ] == [None]
            clock.put_forward(0.3)
            crowd.wait_for_rounds(5)
        # So long a process may believe the version of the password it knew.
        clock.put_forward(processes.settings.lookup_ttl_seconds)
    assert {answer.status_int for answer in crowd.refused} <= {503}
    assert all("Retry-After" in answer.headers for answer in crowd.refused)
    assert crowd.answers[200] + crowd.answers[201] > 50
    assert crowd.answers[503] <= crowd.answers.total() / 10
    for app in processes.apps:
        assert company.client(app=app).get("/api/contacts").status_int == 200
    # The password from before is good for nothing any more.
    assert not role_password_rotation._passwords(processes.opened[0].operations.servers.home).is_valid(
        company.address.database, 1
    )


def test_a_rotation_that_was_killed_half_way_is_healed(processes, company, clock):
    role_password_rotation = processes.opened[0].operations.role_password_rotation
    (found,) = role_password_rotation.companies(company.slug)
    role_password_rotation._next(found)
    assert not role_password_rotation.is_valid(found)
    for one in processes.opened:
        one.databases.broker.forget(company.address)
    clock.put_forward(processes.settings.lookup_ttl_seconds)
    refused = company.client().get("/api/contacts")
    assert (refused.status_int, refused.headers["Retry-After"]) == (503, "1")
    assert role_password_rotation.heal() == 1
    assert role_password_rotation.heal() == 0
    assert company.client().get("/api/contacts").status_int == 200


def test_one_role_that_fails_stops_none_of_the_others(processes, company, server_address, monkeypatch):
    other = Company(server_address, processes.opened[0], processes.apps[0], "Aaa")
    opened = processes.opened[0]
    with administering(server_address.admin()) as admin:
        admin.run(f'ALTER ROLE "{other.address.database}" RENAME TO "{other.address.database}x"')

    class Opened:
        def __enter__(self) -> Platform:
            return opened

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(Context, "platform", lambda _: Opened())
    result = CliRunner().invoke(main, ["secrets", "rotate", "--roles", "--all"])
    with administering(server_address.admin()) as admin:
        admin.run(f'ALTER ROLE "{other.address.database}x" RENAME TO "{other.address.database}"')
    assert result.exit_code == 3, result.output
    assert f"{other.slug}  keeps its password" in result.output
    assert other.address.database not in result.output
    assert company.client().get("/api/contacts").status_int in {200, 503}
    assert opened.operations.role_password_rotation.heal() >= 1
    assert other.client().get("/api/contacts").status_int == 200
