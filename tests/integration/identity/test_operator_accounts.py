"""The accounts of operators: passwords of their own, guessed no faster than those of people."""

from __future__ import annotations

import secrets

import pytest

from crmtenant.errors import Conflict, OperatorError, TooMany
from crmtenant.security.passwords import Passwords
from crmtenant.services.identity.operator_accounts import OperatorAccounts
from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits

PASSWORD, OTHER = "seven green umbrellas", "eight yellow tractors"
ADDRESS = "192.0.2.1"


@pytest.fixture
def accounts(catalog, clock):
    key = secrets.token_bytes(32)  # so that no other test's attempts count
    limits = RateLimits(catalog, lambda: [key], clock)
    policy = LimitPolicy(attempts=3, registrations=3, window_seconds=300)
    return OperatorAccounts(catalog, Passwords(min_length=12, parallel=1), limits, policy)


@pytest.fixture
def mara(accounts):
    accounts.add("mara", PASSWORD)
    yield "mara"
    if "mara" in accounts.names():
        accounts.remove("mara")


def test_only_the_password_is_right(accounts, mara):
    assert accounts.names() == ["mara"]
    assert accounts.is_right(mara, PASSWORD, ADDRESS)
    assert not accounts.is_right(mara, OTHER, ADDRESS)
    assert not accounts.is_right("ma\0ra", PASSWORD, "192.0.2.2")
    assert not accounts.is_right("nobody", PASSWORD, "192.0.2.3")


def test_guessing_is_limited_by_account_and_by_address(accounts, mara, clock):
    for number in range(3):
        assert not accounts.is_right(mara, OTHER, f"198.51.100.{number}")
    with pytest.raises(TooMany):
        accounts.is_right(mara, PASSWORD, "198.51.100.9")
    for number in range(3):
        assert not accounts.is_right(f"guess{number}", OTHER, "203.0.113.1")
    with pytest.raises(TooMany):
        accounts.is_right("guess9", OTHER, "203.0.113.1")
    clock.advance(301)
    assert accounts.is_right(mara, PASSWORD, ADDRESS)


def test_nobodys_name_is_checked_like_somebodys(accounts, mara, monkeypatch):
    asked = []
    monkeypatch.setattr(accounts._passwords, "verify", lambda known, _: asked.append(known) or False)
    accounts.is_right("nobody", PASSWORD, "192.0.2.20")
    accounts.is_right(mara, PASSWORD, "192.0.2.21")
    assert [known is None for known in asked] == [True, False]


def test_another_password_and_another_account_have_another_mark(accounts, mara):
    first = accounts.mark(mara)
    accounts.set_password(mara, OTHER)
    second = accounts.mark(mara)
    accounts.remove(mara)
    assert accounts.mark(mara) is None
    accounts.add(mara, OTHER)
    assert len({first, second, accounts.mark(mara)}) == 3
    assert accounts.is_right(mara, OTHER, "192.0.2.30")


def test_what_cannot_be_is_told(accounts, mara):
    with pytest.raises(Conflict, match="already"):
        accounts.add(mara, PASSWORD)
    for password in ("short", "password1234"):
        with pytest.raises(OperatorError):
            accounts.add("tim", password)
        with pytest.raises(OperatorError):
            accounts.set_password(mara, password)
    with pytest.raises(OperatorError, match="no account tim"):
        accounts.remove("tim")
    with pytest.raises(OperatorError, match="no account tim"):
        accounts.set_password("tim", PASSWORD)
    assert accounts.is_right(mara, PASSWORD, "192.0.2.40")
