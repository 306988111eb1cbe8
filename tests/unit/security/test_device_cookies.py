"""Device cookies: valid for one login, one version of its tokens, a year, under every current key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crmtenant.security.device_cookies import LIFETIME, DeviceCookies

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEVICE = "f_" + "a" * 26
OLD, NEW = b"o" * 32, b"n" * 32
COOKIES = DeviceCookies(lambda: [NEW, OLD])


def test_a_cookie_names_its_device() -> None:
    cookie = COOKIES.issue("u_a", 1, DEVICE, NOW)
    assert COOKIES.device_of(cookie, "u_a", 1, NOW + LIFETIME) == DEVICE
    assert len(cookie) < 100


@pytest.mark.parametrize(
    ("user_id", "version", "age"),
    [("u_b", 1, timedelta()), ("u_a", 2, timedelta()), ("u_a", 1, LIFETIME + timedelta(seconds=1))],
)
def test_for_another_login_or_version_or_later_it_is_worth_nothing(
    user_id: str, version: int, age: timedelta
) -> None:
    assert COOKIES.device_of(COOKIES.issue("u_a", 1, DEVICE, NOW), user_id, version, NOW + age) is None


def test_an_older_key_still_verifies_and_a_foreign_one_does_not() -> None:
    older = DeviceCookies(lambda: [OLD]).issue("u_a", 1, DEVICE, NOW)
    assert COOKIES.device_of(older, "u_a", 1, NOW) == DEVICE
    foreign = DeviceCookies(lambda: [b"x" * 32]).issue("u_a", 1, DEVICE, NOW)
    assert COOKIES.device_of(foreign, "u_a", 1, NOW) is None


@pytest.mark.parametrize("cookie", [None, "", ".", "..", "a.b.c", "x" * 10_000, "ü.1.ü", "\udcff.1.\udcff"])
def test_what_is_no_cookie_of_ours_names_nothing(cookie: str | None) -> None:
    assert COOKIES.device_of(cookie, "u_a", 1, NOW) is None
