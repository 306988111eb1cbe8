"""Doors that stay shut: wrong passwords, foreign pages, taken addresses, too many attempts, bad input."""

from __future__ import annotations

import re
import secrets
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmtenant.models.catalog.tables import Login, Tenant
from crmtenant.security.passwords import Passwords
from tests.functional.identity.people import HEADERS, PASSWORD, Client


def without_id(response):
    """The answer without what names this one request."""
    assert re.search(rb'"request_id":"[0-9a-f]{16}"', response.body)
    return re.sub(rb'"request_id":"[0-9a-f]{16}"', b"", response.body)


def nobody():
    """An address of nobody, not tried before."""
    return f"{secrets.token_hex(8)}@example.com"


def field_errors(response):
    return {(field_error["pointer"], field_error["code"]) for field_error in response.json["errors"]}


def test_every_way_of_being_wrong_at_sign_in_answers_the_same_bytes(client, newcomer, platform):
    email = client.found().json["user"]["email"]
    disabled = newcomer().found().json["user"]
    with platform.databases.catalog.begin() as session:
        session.get_one(Login, disabled["id"]).is_active = False
    stranger = newcomer()
    answers = [
        stranger.sign_in(email, "not the password"),
        stranger.sign_in(nobody()),
        stranger.sign_in("no address at all"),
        stranger.sign_in("a\x00b@example.com"),
        stranger.sign_in(email, ""),
        stranger.sign_in(email, "x" * 5_000),
        stranger.sign_in(disabled["email"]),
        newcomer().sign_in(email, company="c_" + "z" * 26),
    ]
    assert {answer.status_int for answer in answers} == {401}
    assert {answer.json["code"] for answer in answers} == {"invalid_credentials"}
    assert len({without_id(answer) for answer in answers}) == 1
    assert len({answer.headers["WWW-Authenticate"] for answer in answers}) == 1
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_an_unknown_person_takes_as_long_as_a_wrong_password(platforms):
    platform = platforms(sign_in_attempts=1000)
    platform.identity.passwords._hasher = Passwords(min_length=12, parallel=1)._hasher
    patient = Client(platform)
    # Whoever signs in is given a hash of the full cost.
    email = patient.found().json["user"]["email"]

    def seconds(address):
        started = time.thread_time()
        assert patient.sign_in(address, "not the password").status_int == 401
        return time.thread_time() - started

    pairs = [(seconds(email), seconds(nobody())) for _ in range(15)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert unknown == pytest.approx(known, rel=0.4)


def test_the_eleventh_wrong_password_of_a_person_is_refused_from_anywhere(client, newcomer):
    email = client.found().json["user"]["email"]
    statuses = [newcomer().sign_in(email, "not the password").status_int for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    refused = newcomer().sign_in(email)
    assert (refused.status_int, refused.json["code"]) == (429, "too_many_attempts")
    assert 1 <= int(refused.headers["Retry-After"]) <= 300


def test_the_eleventh_wrong_password_from_one_address_is_refused_for_anyone(client, newcomer):
    email, guesser = client.found().json["user"]["email"], newcomer()
    statuses = [guesser.sign_in(nobody()).status_int for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert guesser.sign_in(email).status_int == 429
    assert newcomer().sign_in(email).status_int == 201


def test_rightful_sign_ins_use_nothing_up(client, newcomer):
    email, other = client.found().json["user"]["email"], newcomer()
    for _ in range(9):
        assert other.sign_in(email, "not the password").status_int == 401
    for _ in range(4):
        assert other.sign_in(email).status_int == 201
    assert other.sign_in(nobody()).status_int == 401
    assert other.sign_in(nobody()).status_int == 429


def test_parallel_guesses_count_like_any_other(platform, newcomer):
    email = newcomer().found().json["user"]["email"]

    def guess(_):
        return Client(platform).sign_in(email, "not the password").status_int

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(guess, range(16)))
    assert (statuses.count(401), statuses.count(429)) == (10, 6)


def test_registrations_are_limited_by_address(platforms, newcomer):
    client = Client(platforms(registrations_per_address=2))
    for _ in range(2):
        client.register()
    body = {"company_name": "X", "name": "Y", "email": "limit@example.com", "password": PASSWORD}
    refused = client.call("POST", "/api/registrations", body, token=None)
    assert (refused.status_int, "Retry-After" in refused.headers) == (429, True)
    assert newcomer().register(email="limit@example.com").status_int == 201


def test_an_address_registers_once_in_any_spelling(client, newcomer):
    client.register(email="Taken@Example.com")
    body = {"company_name": "Other", "name": "Other", "email": "taken@example.COM", "password": PASSWORD}
    refused = newcomer().call("POST", "/api/registrations", body)
    assert (refused.status_int, refused.json["code"]) == (409, "email_taken")


def test_a_registration_under_a_key_is_answered_again_with_the_same_bytes(client, newcomer):
    body = {"company_name": "Keyed", "name": "K", "email": "keyed@example.com", "password": PASSWORD}
    key = {"Idempotency-Key": "registration-1"}
    first = client.keep(client.call("POST", "/api/registrations", body, headers=key))
    time.sleep(1.1)
    again = newcomer()
    second = again.keep(again.call("POST", "/api/registrations", body, headers=key))
    assert first.body == second.body
    assert client.app.cookies["rt"] == again.app.cookies["rt"]
    assert client.who().status_int == again.who().status_int == 200
    other = newcomer().call("POST", "/api/registrations", {**body, "password": PASSWORD + "!"}, headers=key)
    assert other.status_int == 422


def test_parallel_registrations_under_one_key_make_one_company(platform):
    body = {"company_name": "Race", "name": "R", "email": "race@example.com", "password": PASSWORD}

    def register(_):
        headers = {"Idempotency-Key": "race"}
        return Client(platform).call("POST", "/api/registrations", body, headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(register, range(4)))
    assert {answer.status_int for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1


def test_a_registration_hears_of_all_its_faults_at_once(newcomer):
    body = {
        "company_name": " ",
        "email": "nobody",
        "password": "short",
        "country": "Atlantis",
        "currency": "XXX",
        "language": "klingonish",
        "time_zone": "Mars/Olympus",
        "is_admin": True,
    }
    refused = newcomer().call("POST", "/api/registrations", body)
    assert refused.status_int == 422
    assert field_errors(refused) == {
        ("/company_name", "required"),
        ("/name", "required"),
        ("/email", "invalid_email"),
        ("/password", "password_too_short"),
        ("/country", "invalid_country"),
        ("/currency", "invalid_currency"),
        ("/language", "invalid_language"),
        ("/time_zone", "invalid_time_zone"),
        ("/is_admin", "unknown_field"),
    }


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("password1234", "common_password"),
        ("Northwind Traders", "common_password"),
        ("x" * 257, "password_too_long"),
        ("vier grüne\x00Fahrräder", "invalid_password"),
        (12345678901234, "invalid_type"),
        (None, "required"),
        (["vier grüne Fahrräder"], "invalid_type"),
    ],
)
def test_a_bad_password_is_named_and_not_repeated(newcomer, password, code):
    body = {"company_name": "Northwind Traders", "name": "A", "email": "pw@example.com", "password": password}
    refused = newcomer().call("POST", "/api/registrations", body)
    assert refused.status_int == 422
    assert field_errors(refused) == {("/password", code)}
    assert str(password) not in refused.text


@pytest.mark.parametrize("body", [[], "x", 1, True, {"email": 1, "password": PASSWORD}, {"password": []}, {}])
@pytest.mark.parametrize("path", ["/api/registrations", "/api/sessions", "/api/invitations"])
def test_bodies_of_another_kind_are_refused(newcomer, path, body):
    assert newcomer().call("POST", path, body).status_int == 422


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/registrations", "POST"),
        ("PUT", "/api/sessions", "DELETE, GET, HEAD, POST"),
        ("GET", "/api/sessions/refresh", "POST"),
        ("GET", "/api/sessions/switch", "POST"),
        ("GET", "/api/sessions/current", "DELETE"),
    ],
)
def test_other_verbs_are_405(newcomer, method, path, allowed):
    answer = newcomer().call(method, path)
    assert answer.status_int == 405
    assert set(allowed.split(", ")) >= set(answer.headers["Allow"].split(", ")) >= {allowed.split(", ")[0]}


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


def test_a_suspended_company_says_so_at_sign_in_only_to_whoever_has_the_password(client, newcomer, platform):
    answer = client.found().json
    with platform.databases.catalog.begin() as session:
        session.get_one(Tenant, answer["company"]["id"]).state = "suspended"
    email = answer["user"]["email"]
    for asked in ({}, {"company": answer["company"]["id"]}):
        refused = newcomer().sign_in(email, **asked)
        assert (refused.status_int, refused.json["code"]) == (403, "tenant_suspended")
    assert newcomer().sign_in(email, "not the password").json["code"] == "invalid_credentials"
    refused = client.refresh()
    assert (refused.status_int, refused.json["code"]) == (403, "tenant_suspended")


def test_who_has_another_company_signs_in_there_when_one_is_suspended(client, newcomer, platform):
    first, other = client.found().json, newcomer()
    second = other.found().json["company"]
    other.take_in(first["user"]["email"])
    with platform.databases.catalog.begin() as session:
        session.get_one(Tenant, first["company"]["id"]).state = "suspended"
    signed_in = client.sign_in(first["user"]["email"])
    assert signed_in.json["company"]["id"] == second["id"]
    client.keep(signed_in)
    asked = client.call("POST", "/api/sessions/switch", {"company": first["company"]["id"]})
    assert (asked.status_int, asked.json["code"]) == (403, "tenant_suspended")
