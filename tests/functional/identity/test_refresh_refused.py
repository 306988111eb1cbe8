"""Refreshing and signing out, refused: foreign pages, cookies, tokens of another kind."""

from __future__ import annotations

import pytest

from tests.functional.identity.people import HEADERS, Client

FOREIGN = [
    ("no header", {}),
    ("foreign origin", {**HEADERS, "Origin": "https://evil.test"}),
    ("null origin", {**HEADERS, "Origin": "null"}),
    ("origin that begins like ours", {**HEADERS, "Origin": "http://localhost.evil.test"}),
    ("origin with another port", {**HEADERS, "Origin": "http://localhost:8080"}),
    ("origin with another scheme", {**HEADERS, "Origin": "https://localhost"}),
    ("empty origin", {**HEADERS, "Origin": ""}),
    ("cross-site", {**HEADERS, "Sec-Fetch-Site": "cross-site"}),
    ("same-site", {**HEADERS, "Sec-Fetch-Site": "same-site"}),
    ("odd site", {**HEADERS, "Sec-Fetch-Site": "own"}),
]


@pytest.mark.parametrize("headers", [headers for _, headers in FOREIGN], ids=[name for name, _ in FOREIGN])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/sessions/refresh"), ("DELETE", "/api/sessions/current")]
)
def test_a_foreign_page_neither_refreshes_nor_signs_out(client, method, path, headers):
    client.found()
    refused = client.call(method, path, token=None, headers=headers)
    assert (refused.status_int, refused.json["code"]) == (403, "csrf")
    assert "Set-Cookie" not in refused.headers
    assert client.refresh().status_int == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Origin": "http://127.0.0.1:6543"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_pages_refresh(client, headers):
    client.found()
    assert client.refresh(headers={**HEADERS, **headers}).status_int == 201


def test_the_cookie_is_for_http_only_for_this_site_only_and_over_plain_http_has_another_name(client):
    cookie = client.found().headers["Set-Cookie"]
    assert cookie.startswith("rt=f_")
    attributes = set(cookie.split("; ")[1:])
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= attributes
    assert "secure" not in cookie.lower()
    assert "domain" not in cookie.lower()


def test_over_https_the_cookie_is_bound_to_the_host(platforms):
    client = Client(platforms(is_secure=True))
    cookie = client.found().headers["Set-Cookie"]
    assert cookie.startswith("__Host-rt=f_")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "secure"} <= set(cookie.split("; ")[1:])
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize("token", ["", "x", "f_" + "a" * 26 + "." + "b" * 43, "\x00", "é", 7, [], {}])
def test_what_is_no_refresh_token_is_refused(newcomer, token):
    answer = newcomer().call("POST", "/api/sessions/refresh", {"refresh_token": token})
    assert answer.status_int == (401 if isinstance(token, str) else 422)


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(client):
    email = client.found().json["user"]["email"]
    access = client.keep(client.sign_in(email, transport="body")).json
    crossed = client.call("POST", "/api/sessions/refresh", {"refresh_token": access["access_token"]})
    assert crossed.status_int == 401
    assert client.who(access["refresh_token"]).status_int == 401
