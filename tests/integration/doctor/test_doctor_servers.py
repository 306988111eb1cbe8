"""The doctor's look at servers: a second one, which may be filled, misconfigured and stopped, and both at once."""

import time
from contextlib import ExitStack, closing

import pytest

from crmtenant.db.admin import inspection
from crmtenant.db.admin.connection import administering
from tests.integration.doctor.examining import doctor_of, examined
from tests.integration.installation import new_company
from tests.integration.saving import address_of
from tests.integration.two_servers import SECOND, empty, on_two_servers, running_server, weigh

MAX_CONNECTIONS = 40


@pytest.fixture(scope="module")
def second():
    """A PostgreSQL of its own, running."""
    with running_server(MAX_CONNECTIONS) as server:
        server.start()
        yield server


@pytest.fixture(scope="module")
def two(installations, second):
    with on_two_servers(installations(), second.start()) as made:
        yield made


@pytest.fixture
def installation(two):
    """An installation on two servers."""
    yield two
    empty(two)


@pytest.fixture
def doctor(installation, tmp_path, monkeypatch):
    monkeypatch.setattr("crmtenant.services.doctor.checks.server.examine", examined)
    return doctor_of(installation, tmp_path, monkeypatch)


@pytest.fixture
def companies(installation):
    """The databases of northwind, which is on the first server, and southwind, which is on the second."""
    weigh(installation, main=100, second=0)
    north = installation.registrar.register(new_company()).tenant_id
    weigh(installation, main=0, second=100)
    south = installation.registrar.register(new_company("Southwind")).tenant_id
    weigh(installation, main=100, second=100)
    return address_of(installation, north), address_of(installation, south)


def _at_second(installation, *statements):
    with administering(installation.servers.named(SECOND).address.admin()) as admin:
        for statement in statements:
            admin.run(statement)


def _becomes_healthy(doctor):
    deadline = time.monotonic() + 10
    while doctor() and time.monotonic() < deadline:
        time.sleep(0.1)
    return doctor() == []


def test_what_is_wrong_on_either_server_is_found_and_repaired(installation, doctor, companies):
    north, south = companies
    assert doctor(code=0) == []
    installation.do("ALTER ROLE {} PASSWORD 'another'", north.user)
    _at_second(
        installation,
        f"GRANT CONNECT ON DATABASE {south.database} TO PUBLIC",
        f"ALTER ROLE {south.user} SET work_mem = '1GB'",
    )
    assert sorted(doctor(code=3)) == [
        ("acl", "southwind"),
        ("password", "northwind"),
        ("role-settings", "southwind"),
    ]
    assert doctor("--company", "northwind", code=3) == [("password", "northwind")]
    assert doctor("--fix", code=0) == []
    assert doctor(code=0) == []
    for address in companies:
        address.connect().close()


def test_a_server_that_does_not_answer_is_told_and_the_others_are_looked_at(
    installation, doctor, companies, second
):
    installation.do("GRANT CONNECT ON DATABASE {} TO PUBLIC", companies[0].database)
    second.stop()
    try:
        assert sorted(doctor(code=3)) == [("acl", "northwind"), ("server", SECOND)]
        assert doctor("--fix", code=3) == [("server", SECOND)]
    finally:
        second.start()
    assert doctor(code=0) == []


def test_connections_that_run_out_are_told(installation, doctor):
    address = installation.servers.named(SECOND).address.admin()
    assert doctor(code=0) == []
    with ExitStack() as held:
        for _ in range(MAX_CONNECTIONS * 9 // 10):
            held.enter_context(closing(address.connect()))
        assert doctor("--fix", code=3) == [("connections", SECOND)]
    # Who has hung up is gone a moment later.
    assert _becomes_healthy(doctor)


def test_passwords_kept_as_weak_hashes_are_told(installation, doctor):
    _at_second(installation, "ALTER SYSTEM SET password_encryption = 'md5'", "SELECT pg_reload_conf()")
    try:
        deadline = time.monotonic() + 10
        while not doctor() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert doctor("--fix", code=3) == [("password-encryption", SECOND)]
    finally:
        _at_second(installation, "ALTER SYSTEM RESET password_encryption", "SELECT pg_reload_conf()")
    assert _becomes_healthy(doctor)


@pytest.mark.parametrize("seconds", [-60, 60])
def test_clocks_that_differ_are_told(installation, doctor, monkeypatch, seconds):
    class Clock:
        @staticmethod
        def time():
            return time.time() + seconds

    with monkeypatch.context() as ours:
        ours.setattr(inspection, "time", Clock)
        assert sorted(doctor("--fix", code=3)) == [("clock", "main"), ("clock", SECOND)]
    assert doctor(code=0) == []


def test_a_full_server_is_found(installation, doctor):
    assert "space" not in {check for check, _ in doctor()}
    installation.rows(
        "UPDATE server SET is_full = true, free_bytes = 5000000 WHERE name = 'second' RETURNING 1"
    )
    assert ("space", SECOND) in doctor(code=3)
