"""A whole life: registering, working, refreshing, switching, signing out here and everywhere."""

from __future__ import annotations

import base64
import json

import pytest

from tests.functional.identity.people import HEADERS, PASSWORD


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def cookie_of(client):
    return client.app.cookies.get("rt")


def test_who_registers_works_in_a_company_of_their_own_at_once(client):
    response = client.register(company_name="Nordwind GmbH", country="DE", currency="EUR", language="de")
    answer = response.json
    assert set(answer) == {
        "access_token", "token_type", "expires_in", "user", "company", "role",
    }  # fmt: skip
    assert response.headers["Location"] == "/api"
    assert response.headers["Cache-Control"] == "no-store"
    assert (answer["token_type"], answer["expires_in"], answer["role"]) == ("Bearer", 900, "owner")
    assert (answer["user"]["name"], answer["company"]["name"]) == ("Anna Berg", "Nordwind GmbH")
    who = client.who().json
    assert (who["company"]["id"], who["user"]["id"]) == (answer["company"]["id"], answer["user"]["id"])
    assert (who["company"]["country"], who["company"]["currency"]) == ("DE", "EUR")
    made = client.call("POST", "/api/contacts", {"kind": "person", "given_name": "Bo"})
    assert made.status_int == 201
    assert client.call("GET", made.headers["Location"]).json["created_by"] == answer["user"]["id"]


def test_a_token_has_exactly_the_claims_of_the_contract(client):
    token = client.found().json["access_token"]
    assert set(claims(token)) == {"iss", "aud", "sub", "tid", "tv", "iat", "nbf", "exp", "jti"}
    assert not claims(token)["tid"].startswith("t_")


def test_who_registered_can_sign_in_with_any_spelling_of_the_address(client, newcomer):
    answer = client.register(email="Anna.Life@Example.COM").json
    other = newcomer()
    signed_in = other.keep(other.sign_in("anna.life@EXAMPLE.com")).json
    assert signed_in["user"] == answer["user"]
    assert signed_in["company"] == answer["company"]
    assert signed_in["companies"] == [{**answer["company"], "role": "owner"}]
    assert other.who().status_int == 200


def test_a_refresh_continues_the_sign_in_and_the_old_cookie_ends_it(client, platform):
    client.found()
    first = cookie_of(client)
    refreshed = client.keep(client.refresh())
    second = cookie_of(client)
    assert second != first
    assert client.who().status_int == 200
    assert set(refreshed.json) >= {"access_token", "companies", "user", "company", "role"}
    client.app.set_cookie("rt", first)
    again = client.refresh()
    assert (again.status_int, again.json["code"]) == (409, "refresh_in_progress")
    _age(platform, second, seconds=6)
    client.app.set_cookie("rt", first)
    reuse = client.refresh()
    assert (reuse.status_int, reuse.json["code"]) == (401, "invalid_refresh_token")
    client.app.set_cookie("rt", second)
    assert client.refresh().status_int == 401
    platform.identity.access.forget_user(refreshed.json["user"]["id"])
    assert client.who().status_int == 401


def _age(platform, token, seconds):
    """As if the last rotation had been so much earlier."""
    from datetime import timedelta

    from crmtenant.models.catalog.tables import RefreshFamily

    with platform.databases.catalog.begin() as session:
        family = session.get_one(RefreshFamily, token.split(".")[0])
        family.rotated_at -= timedelta(seconds=seconds)


def test_signing_out_here_ends_this_sign_in_with_its_access_token_and_no_other(client, newcomer):
    answer = client.found().json
    other = newcomer()
    other.keep(other.sign_in(answer["user"]["email"]))
    left = client.call("DELETE", "/api/sessions/current")
    assert left.status_int == 204
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    assert client.who().status_int == 401
    assert client.refresh().status_int == 401
    assert other.who().status_int == 200
    assert other.refresh().status_int == 201


def test_signing_out_by_the_cookie_alone_works_when_the_access_token_has_expired(client):
    client.found()
    assert client.call("DELETE", "/api/sessions/current", token=None).status_int == 403
    assert client.call("DELETE", "/api/sessions/current", token=None, headers=HEADERS).status_int == 204
    assert client.who().status_int == 401


def test_nobody_signs_out_who_is_not_signed_in(newcomer):
    assert newcomer().call("DELETE", "/api/sessions/current", headers=HEADERS).status_int == 401
    assert newcomer().call("DELETE", "/api/sessions").status_int == 401


def test_signing_out_everywhere_ends_every_sign_in_and_every_token_at_once(client, newcomer):
    answer = client.found().json
    other = newcomer()
    other.keep(other.sign_in(answer["user"]["email"]))
    assert client.call("DELETE", "/api/sessions").status_int == 204
    for one in (client, other):
        assert one.who().status_int == 401
        assert one.refresh().status_int == 401
    assert other.keep(other.sign_in(answer["user"]["email"])) is not None
    assert other.who().status_int == 200


def test_a_person_switches_between_their_companies(client, newcomer):
    mine = client.found("First").json
    other = newcomer()
    theirs = other.found("Second").json
    other.take_in(mine["user"]["email"], "viewer")
    switched = client.keep(client.call("POST", "/api/sessions/switch", {"company": theirs["company"]["id"]}))
    assert switched.json["role"] == "viewer"
    assert client.who().json["company"]["id"] == theirs["company"]["id"]
    assert client.call("POST", "/api/contacts", {"kind": "person", "given_name": "Bo"}).status_int == 403
    refreshed = client.keep(client.refresh())
    assert refreshed.json["company"]["id"] == theirs["company"]["id"]
    assert [company["role"] for company in refreshed.json["companies"]] == ["owner", "viewer"]
    back = client.keep(client.call("POST", "/api/sessions/switch", {"company": mine["company"]["slug"]}))
    assert (back.json["company"]["id"], back.json["role"]) == (mine["company"]["id"], "owner")


def test_nobody_switches_to_a_company_of_others(client, newcomer):
    client.found()
    theirs = newcomer().found().json["company"]
    for company in (theirs["id"], theirs["slug"], "c_" + "a" * 26, "", "\x00"):
        assert client.call("POST", "/api/sessions/switch", {"company": company}).status_int == 404
    assert client.who().status_int == 200


@pytest.mark.parametrize("by", ["id", "slug"])
def test_signing_in_to_a_chosen_company(client, newcomer, by):
    first, other = client.found().json, newcomer()
    second = other.found().json["company"]
    other.take_in(first["user"]["email"])
    answer = client.sign_in(first["user"]["email"], company=second[by]).json
    assert answer["company"]["id"] == second["id"]
    assert client.sign_in(first["user"]["email"]).json["company"]["id"] == first["company"]["id"]
    wrong = client.sign_in(first["user"]["email"], company="c_" + "a" * 26)
    assert (wrong.status_int, wrong.json["code"]) == (401, "invalid_credentials")


def test_a_client_without_cookies_gets_and_sends_the_refresh_token_in_the_body(client, newcomer):
    email, program = client.found().json["user"]["email"], newcomer()
    signed_in = program.sign_in(email, transport="body")
    assert "Set-Cookie" not in signed_in.headers
    token = signed_in.json["refresh_token"]
    refreshed = program.call("POST", "/api/sessions/refresh", {"refresh_token": token})
    assert refreshed.status_int == 201
    assert "Set-Cookie" not in refreshed.headers
    assert refreshed.json["refresh_token"] != token
    assert program.who(refreshed.json["access_token"]).status_int == 200


def test_a_person_sees_where_they_are_signed_in_and_ends_one_of_them(client, newcomer):
    email, other = client.found().json["user"]["email"], newcomer()
    other.keep(other.sign_in(email))
    listed = client.call("GET", "/api/sessions").json["items"]
    assert [item["is_current"] for item in listed] == [False, True]
    assert set(listed[0]) == {
        "id", "company", "user_agent", "created_at", "used_at", "expires_at", "is_current",
    }  # fmt: skip
    assert client.call("DELETE", f"/api/sessions/{listed[0]['id']}").status_int == 204
    assert client.call("DELETE", f"/api/sessions/{listed[0]['id']}").status_int == 404
    assert other.who().status_int == 401
    assert client.who().status_int == 200
    stranger = newcomer()
    stranger.found()
    assert stranger.call("DELETE", f"/api/sessions/{listed[1]['id']}").status_int == 404


def test_a_token_on_the_public_places_is_no_hindrance(client):
    email = client.found().json["user"]["email"]
    body = {"email": email, "password": PASSWORD}
    assert client.call("POST", "/api/sessions", body).status_int == 201
    assert client.call("POST", "/api/sessions", body, token="broken").status_int == 201
    assert client.call("GET", "/api/health", token="broken").status_int == 200


def test_what_public_places_answer_is_not_kept_under_a_key(client):
    email = client.found().json["user"]["email"]
    body, key = {"email": email, "password": PASSWORD}, {"Idempotency-Key": "k1"}
    first = client.call("POST", "/api/sessions", body, headers=key)
    second = client.call("POST", "/api/sessions", body, headers=key)
    assert first.json["access_token"] != second.json["access_token"]
