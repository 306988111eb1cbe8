"""Sign-ins that are refused: wrong passwords, too many attempts, bodies of another kind, suspended companies."""

from __future__ import annotations

import re
import secrets
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmtenant.models.catalog.tables import Login, Tenant
from crmtenant.security.passwords import Passwords
from tests.functional.identity.people import PASSWORD, Client


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
