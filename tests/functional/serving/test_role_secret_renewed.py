"""The role secret is changed while processes serve, also when the change is interrupted."""

from __future__ import annotations

import dataclasses
import os
import secrets
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner
from webtest import TestApp, TestResponse

from crmtenant import make_app
from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.secrets import secret_file
from crmtenant.db.secrets.role_names import derived_password
from crmtenant.models.catalog import tables
from crmtenant.platform import ROLE_FILE, Platform
from crmtenant.settings import Settings
from tests.forks import forked
from tests.functional.installation import Company, settings_for, tear_down
from tests.functional.serving.crowd import Crowd, Person

Roles = dict[str, int]


def _opened(settings: Settings, address: ServerAddress) -> Platform:
    return Platform(settings, Server(address, lambda: None))


class Ground:
    """An installation whose role secret is in its own file: one process with the rights, one without, a company with
    the third password of its role, a company with the first, a spare and a database that is set aside."""

    def __init__(self, server: ServerAddress, directory: Path) -> None:
        self.server = server
        given = settings_for(directory, catalog_database=f"crmtenant_{secrets.token_hex(4)}")
        self.settings = dataclasses.replace(given, role_secret="generate")
        self.file = directory / ROLE_FILE
        self.processes = [self.open(), self.open(has_rights=False)]
        self.platform = self.processes[0]
        self.apps = [
            TestApp(make_app(one), extra_environ={"HTTP_HOST": "localhost"}) for one in self.processes
        ]
        self.companies = [Company(server, self.platform, self.apps[0], name) for name in ("One", "Two")]
        role_password_rotation = self.platform.operations.role_password_rotation
        for _ in range(2):
            list(role_password_rotation.rotate(role_password_rotation.companies(self.companies[0].slug)))
        self.platform.operations.spares(1).top_up()

    def open(self, settings: Settings | None = None, *, has_rights: bool = True) -> Platform:
        """Another process of this installation."""
        bare = ServerAddress(self.server.host, self.server.port, None)
        return _opened(settings or self.settings, self.server if has_rights else bare)

    @property
    def secret(self) -> str:
        """The one in use."""
        return secret_file.read_stored(self.file)[0].secret

    def roles(self) -> Roles:
        """Every role that logs in, and the version of its password."""
        names = self.platform.operations.servers.names
        with self.platform.databases.catalog.begin() as session:
            found = {tenant.database: tenant.password_version for tenant in session.query(tables.Tenant)}
            found |= {spare.database: 1 for spare in session.query(tables.Spare)}
        assert len(found) == 3
        return {**found, names.app: 1}

    def logs_in(self, role: str, version: int, secret: str) -> bool:
        """Whether the role's password follows from this secret."""
        database = self.settings.catalog_database if role.endswith("_app") else role
        try:
            self.server.database(database, role, derived_password(secret, role, version)).connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def assert_every_role_has(self, secret: str, *old: str) -> None:
        """Each logs in with this secret's password, none with an old one's."""
        for role, version in self.roles().items():
            assert self.logs_in(role, version, secret)
            assert not any(self.logs_in(role, version, one) for one in old)

    def ask_all(self, processes: list[Platform] | None = None) -> Counter[int]:
        """What people of every company are answered by every process, each on new connections."""
        answers: Counter[int] = Counter()
        for one in processes or self.processes:
            one.databases.broker.close()
            app = TestApp(make_app(one), extra_environ={"HTTP_HOST": "localhost"})
            for company in self.companies:
                answers[company.client(app=app).get("/api/contacts").status_int] += 1
        return answers


@pytest.fixture
def ground(server_address: ServerAddress, tmp_path: Path) -> Iterator[Ground]:
    made = Ground(server_address, tmp_path)
    yield made
    for one in made.processes:
        one.close()
    tear_down(server_address, made.platform)


def _run(ground: Ground, monkeypatch: Any, settings: Settings | None = None, code: int = 0) -> str:
    """What the command says, in a process of its own with these settings."""

    @contextmanager
    def opened(_: Context) -> Iterator[Platform]:
        platform = ground.open(settings)
        yield platform
        platform.close()

    monkeypatch.setattr(Context, "settings", lambda _: settings or ground.settings)
    monkeypatch.setattr(Context, "platform", opened)
    result = CliRunner().invoke(main, ["secrets", "rotate", "--role-secret"])
    assert result.exit_code == code, result.output
    return result.output


def _people(ground: Ground) -> list[Person]:
    """Four who read and write, two of each company, each time on connections that are opened for it."""

    def person(number: int) -> Person:
        client = ground.companies[number // 2].client(app=ground.apps[number % 2])

        def ask() -> Iterator[TestResponse]:
            ground.processes[number % 2].databases.broker.close()
            yield client.get("/api/contacts")
            yield client.post("/api/contacts", {"kind": "person", "family_name": "Crowd"})

        return ask

    return [person(number) for number in range(4)]


def test_every_role_gets_a_new_password_and_nobody_at_work_is_refused(ground, monkeypatch):
    used = [ground.secret]
    with Crowd(_people(ground)) as crowd:
        for _ in range(4):
            assert "4 roles have their password" in _run(ground, monkeypatch)
            used.append(ground.secret)
            crowd.wait_for_rounds(2)
    assert crowd.refused == []
    assert crowd.answers[200] > 20
    assert crowd.answers[201] > 20
    assert len(set(used)) == 5
    assert len(secret_file.read_stored(ground.file)) == 1
    ground.assert_every_role_has(used[-1], *used[:-1])


def _break_off(settings: Settings, server: ServerAddress, after: int) -> None:
    """Kill this process once this many roles have a password derived from the new secret."""
    for number, _ in enumerate(_opened(settings, server).operations.role_secret_rotation.renew(), 1):
        if number == after:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("after", [1, 3])
@pytest.mark.parametrize("by", ["the worker", "the command"])
def test_what_was_killed_half_way_locks_nobody_out_and_is_finished(ground, monkeypatch, after, by):
    old = ground.secret
    killed = forked(_break_off, ground.settings, ground.server, after)
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    new = ground.secret
    assert new != old
    roles = ground.roles().items()
    assert Counter(ground.logs_in(*role, new) for role in roles) == {True: after, False: 4 - after}
    newcomers = [ground.open(has_rights=False), ground.open()]
    assert ground.ask_all([*ground.processes, *newcomers]) == {200: 8}
    for one in newcomers:
        one.close()
    if by == "the worker":
        ground.platform.operations.role_password_rotation.heal()
    else:
        _run(ground, monkeypatch)
    assert [kept.secret for kept in secret_file.read_stored(ground.file)] == [new]
    ground.assert_every_role_has(new, old)
    assert ground.ask_all() == {200: 4}


def test_a_server_that_is_away_keeps_the_secret_before_until_it_is_back(ground, monkeypatch):
    old = ground.secret
    with ground.platform.databases.catalog.begin() as session:
        session.add(tables.Server(name="away", host="127.0.0.1", port=1, admin_user="nobody"))
    told = _run(ground, monkeypatch, code=3)
    assert "server away keeps its previous password" in told
    new = ground.secret
    assert [kept.secret for kept in secret_file.read_stored(ground.file)] == [new, old]
    assert ground.ask_all() == {200: 4}
    with ground.platform.databases.catalog.begin() as session:
        session.delete(session.query(tables.Server).filter_by(name="away").one())
    assert "previous secret was removed" in _run(ground, monkeypatch)
    assert [kept.secret for kept in secret_file.read_stored(ground.file)] == [new]
    ground.assert_every_role_has(new, old)


def test_two_do_not_change_passwords_at_once(ground, monkeypatch):
    role_secret_rotation = ground.platform.operations.role_secret_rotation.renew()
    next(role_secret_rotation)
    old = ground.secret
    _run(ground, monkeypatch, code=1)
    ground.platform.operations.role_password_rotation.heal()
    assert ground.secret == old
    assert len(secret_file.read_stored(ground.file)) == 2
    list(role_secret_rotation)
    assert len(secret_file.read_stored(ground.file)) == 1


def test_the_steps_for_a_secret_from_outside_lead_to_the_new_one(ground, monkeypatch):
    old, new = ground.secret, secrets.token_hex(32)

    def configured(*values: str) -> Settings:
        return dataclasses.replace(ground.settings, role_secret=" ".join(values))

    told = _run(ground, monkeypatch, configured(old))
    assert told.index("after the current one") < told.index("to the front") < told.index("remove the old one")
    ground.assert_every_role_has(old, new)
    # For the test's own look at the catalog.
    ground.file.write_text(f"{old}\n{new} 0\n")
    second = [ground.open(configured(old, new)), ground.open(configured(old, new), has_rights=False)]
    assert ground.ask_all([*ground.processes, *second]) == {200: 8}
    third = [ground.open(configured(new, old)), ground.open(configured(new, old), has_rights=False)]
    assert ground.ask_all([*second, *third]) == {200: 8}
    role_password_rotation = third[0].operations.role_password_rotation
    assert all(role_password_rotation.is_valid(company) for company in role_password_rotation.companies())
    assert "No role is left" in _run(ground, monkeypatch, configured(new, old))
    ground.assert_every_role_has(new, old)
    assert ground.ask_all([*second, *third]) == {200: 8}
    last = ground.open(configured(new), has_rights=False)
    assert ground.ask_all([last]) == {200: 2}
    for one in (*second, *third, last):
        one.close()
