"""Recognising a role's password, whatever the language of the server's messages."""

import re
from contextlib import closing

import psycopg2
import pytest

from crmtenant.db.admin.role_passwords import RolePasswords
from crmtenant.db.pool import address as addresses
from tests.integration.installation import ROLE_SECRET, new_company
from tests.integration.saving import address_of

GERMAN = {
    r"connection to server (.*) failed: FATAL:": r"Verbindung zum Server \1 fehlgeschlagen: FATAL:",
    r'password authentication failed for user "(.*)"': r"Passwort-Authentifizierung für Benutzer »\1« fehlgeschlagen",
    r'permission denied for database "(.*)"': r"keine Berechtigung für Datenbank »\1«",
    r"User does not have CONNECT privilege": "Benutzer hat das CONNECT-Privileg nicht",
    r'role "(.*)" is not permitted to log in': r"Rolle »\1« hat keine Berechtigung zum Einloggen",
    r'too many connections for role "(.*)"': r"zu viele Verbindungen von Rolle »\1«",
    r'too many connections for database "(.*)"': r"zu viele Verbindungen für Datenbank »\1«",
    r'database "(.*)" is not currently accepting connections': r"Datenbank »\1« akzeptiert gegenwärtig keine Verbindungen",
    r'database "(.*)" does not exist': r"Datenbank »\1« existiert nicht",
}  # fmt: skip


def _in_german(told):
    for pattern, words in GERMAN.items():
        told = re.sub(pattern, words, told)
    return told


@pytest.fixture(params=["C", "de_DE"], autouse=True)
def _language(request, monkeypatch):
    """What the server refuses with, as one whose lc_messages is this would say it."""
    if request.param == "C":
        return
    connect = psycopg2.connect

    def connected(*arguments, **options):
        try:
            return connect(*arguments, **options)
        except psycopg2.OperationalError as refusal:
            told = _in_german(str(refusal))
            if told == str(refusal):
                pytest.fail(f"not said in German: {told}")
            raise psycopg2.OperationalError(told) from None

    monkeypatch.setattr(addresses.psycopg2, "connect", connected)


@pytest.fixture
def passwords(installation):
    return RolePasswords(installation.server, installation.names, ROLE_SECRET)


@pytest.fixture
def address(installation):
    """The database of a company, as its role with the first password."""
    return address_of(installation, installation.registrar.register(new_company()).tenant_id)


def test_a_password_is_told_from_another(passwords, address):
    assert passwords.is_valid(address.user, 1)
    assert not passwords.is_valid(address.user, 2)


def test_a_changed_password_is_the_one(passwords, address):
    assert passwords.change(address.user, lambda: 7) == 7
    assert passwords.is_valid(address.user, 7)
    assert not passwords.is_valid(address.user, 1)


@pytest.mark.parametrize("change", ["PASSWORD NULL", "VALID UNTIL '2020-01-01'"])
def test_a_role_without_a_password_that_holds_has_not_this_one(installation, passwords, address, change):
    installation.do(f"ALTER ROLE {{}} {change}", address.user)
    assert not passwords.is_valid(address.user, 1)


@pytest.mark.parametrize(
    "change",
    ["REVOKE CONNECT ON DATABASE {0} FROM {0}", "ALTER ROLE {0} NOLOGIN", "ALTER ROLE {0} CONNECTION LIMIT 0",
     "ALTER DATABASE {0} CONNECTION LIMIT 0", "ALTER DATABASE {0} ALLOW_CONNECTIONS false"],
)  # fmt: skip
def test_a_role_that_is_shut_out_has_shown_its_password_first(installation, passwords, address, change):
    installation.do(change, address.user)
    with pytest.raises(psycopg2.OperationalError):
        address.connect()
    assert passwords.is_valid(address.user, 1)
    assert not passwords.is_valid(address.user, 2)


def test_a_role_at_its_limit_has_its_password(installation, passwords, address):
    with closing(address.connect()):
        installation.do("ALTER ROLE {} CONNECTION LIMIT 1", address.user)
        assert passwords.is_valid(address.user, 1)
        assert not passwords.is_valid(address.user, 2)


def test_other_trouble_is_raised(installation, passwords, address):
    installation.do("DROP DATABASE {} WITH (FORCE)", address.user)
    with pytest.raises(psycopg2.OperationalError):
        passwords.is_valid(address.user, 1)


def test_a_server_that_lets_nobody_in_says_nothing_of_passwords(
    installation, passwords, address, monkeypatch
):
    monkeypatch.setattr("crmtenant.db.admin.role_passwords._IS_FULL", "SELECT true")
    with pytest.raises(psycopg2.OperationalError):
        passwords.is_valid(address.user, 2)
