"""Verifiers and derived passwords against the real thing."""

import secrets

import psycopg2
import pytest

from crmtenant.db.secrets.role_names import derived_password, scram_verifier


@pytest.fixture
def role(installation):
    name = f"test_{secrets.token_hex(6)}"
    installation.do("CREATE ROLE {} LOGIN", name)
    yield name
    installation.do("DROP ROLE {}", name)


@pytest.mark.parametrize("iterations", [1, 4096])
def test_postgresql_lets_in_who_knows_the_password_of_a_verifier(role, iterations, installation):
    password = derived_password("secret", role, 1)
    verifier = scram_verifier(password, iterations=iterations)
    installation.do(f"ALTER ROLE {{}} PASSWORD '{verifier}'", role)
    address = installation.server.database("postgres", role, password)
    address.connect().close()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        installation.server.database("postgres", role, derived_password("secret", role, 2)).connect()


def test_postgresql_keeps_the_verifier_as_it_was_sent(role, installation):
    verifier = scram_verifier("pencil")
    installation.do(f"ALTER ROLE {{}} PASSWORD '{verifier}'", role)
    assert installation.admin("SELECT rolpassword FROM pg_authid WHERE rolname = %s", role) == [(verifier,)]
