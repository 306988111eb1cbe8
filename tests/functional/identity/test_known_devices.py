"""Wrong guesses by strangers lock no known device out; a known device guesses on its own account alone."""

from __future__ import annotations

import pytest

from crmtenant.security.device_cookies import LIFETIME
from tests.functional.identity.people import PASSWORD, Client

NEW_PASSWORD = "fünf blaue Ruderboote"


def _lock(newcomer, email):
    """Strangers guess until nobody unknown is let in any more."""
    statuses = [newcomer().sign_in(email, "not the password").status_int for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert newcomer().sign_in(email).status_int == 429


@pytest.fixture
def device(client):
    """A browser on which somebody has signed in; `email` is theirs."""
    client.email = client.found().json["user"]["email"]
    return client


def test_a_known_device_is_let_in_while_strangers_are_locked_out(device, newcomer):
    _lock(newcomer, device.email)
    assert device.sign_in(device.email).status_int == 201
    assert newcomer().sign_in(device.email).status_int == 429  # that has given strangers nothing
    # Its network address may be the strangers' own.
    stranger = newcomer()
    for _ in range(11):
        stranger.sign_in("nobody-at-all@example.com", "not the password")
    stranger.app.set_cookie("device", device.app.cookies["device"])
    assert stranger.sign_in(device.email).status_int == 201


def test_a_signed_in_device_may_still_prove_its_password(device, newcomer):
    _lock(newcomer, device.email)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert device.call("POST", "/api/profile/password", body).status_int == 201


def test_a_device_that_guesses_is_limited_itself_and_limits_nobody_else(device, newcomer):
    statuses = [device.sign_in(device.email, "not the password").status_int for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert device.sign_in(device.email).status_int == 429
    assert newcomer().sign_in(device.email).status_int == 201


def test_the_cookie_of_one_login_does_not_help_for_another(device, newcomer):
    other = newcomer()
    email = other.found().json["user"]["email"]
    _lock(newcomer, email)
    assert device.sign_in(email).status_int == 429
    assert other.sign_in(email).status_int == 201


def _tampered(cookie):
    device_id, seconds, mac = cookie.split(".")
    flipped = ("B" if mac[0] == "A" else "A") + mac[1:]
    return [
        "",
        ".",
        "..",
        "x" * 5000,
        f"{device_id}.{seconds}.{flipped}",
        f"{device_id}.{int(seconds) + 1}.{mac}",
        f"f_{'a' * 26}.{seconds}.{mac}",
        f"{device_id}.{seconds}.",
        f"{device_id}.{mac}",
        "\u00fc.\u00fc.\u00fc",
    ]


def test_forged_cookies_give_nothing(device, newcomer):
    _lock(newcomer, device.email)
    for forged in _tampered(device.app.cookies["device"]):
        sent = {"Cookie": f"device={forged}".encode().decode("latin-1")}
        body = {"email": device.email, "password": PASSWORD}
        assert newcomer().call("POST", "/api/sessions", body, headers=sent).status_int == 429


def test_a_changed_password_ends_the_cookies_of_others_and_renews_ones_own(device, newcomer):
    other = newcomer()
    other.sign_in(device.email)
    old = device.app.cookies["device"]
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    device.keep(device.call("POST", "/api/profile/password", body))
    assert device.app.cookies["device"] != old
    _lock(newcomer, device.email)
    assert other.sign_in(device.email, NEW_PASSWORD).status_int == 429
    assert device.sign_in(device.email, NEW_PASSWORD).status_int == 201


def test_the_cookie_is_for_no_script_and_no_other_site_and_a_year(device, newcomer):
    headers = [
        h for h in device.sign_in(device.email).headers.getall("Set-Cookie") if h.startswith("device=")
    ]
    (header,) = headers
    assert {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={int(LIFETIME.total_seconds())}"} <= set(
        header.split("; ")
    )
    failed = newcomer().sign_in(device.email, "not the password")
    assert "Set-Cookie" not in failed.headers
    program = newcomer()
    assert "Set-Cookie" not in program.sign_in(device.email, transport="body").headers
    assert not any("device=" in header for header in device.refresh().headers.getall("Set-Cookie"))


def test_over_https_it_belongs_to_this_host_alone(platforms, newcomer):
    safe = Client(platforms(is_secure=True), **{"wsgi.url_scheme": "https"})
    headers = safe.found().headers.getall("Set-Cookie")
    (header,) = (header for header in headers if header.startswith("__Host-device="))
    assert "secure" in header.lower()


def test_founders_and_those_who_join_are_known_too(newcomer):
    founder = newcomer()
    email = founder.register().json["user"]["email"]
    _lock(newcomer, email)
    assert founder.sign_in(email).status_int == 201
