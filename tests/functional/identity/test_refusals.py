"""What was taken away is refused within a second, also by a second process that had seen it good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crmtenant.clock import now
from crmtenant.db.schema.migrations import revisions
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.services.identity import access
from tests.unit.security.bad_tokens import BAD_TOKENS

WITHIN_SECONDS = 1.0


@pytest.fixture
def settled(clock):
    """Fails unless, a second from now, a client's request has this status, and keeps it."""

    def check(client, status):
        clock.put_forward(WITHIN_SECONDS)
        assert [client.who().status_int for _ in range(3)] == [status] * 3

    return check


@pytest.mark.parametrize(
    ("model", "change", "status", "code"),
    [
        (Membership, {"state": "removed"}, 401, "invalid_token"),
        (Login, {"is_active": False}, 401, "invalid_token"),
        (Login, {"token_version": 2}, 401, "invalid_token"),
        (Tenant, {"state": "suspended"}, 403, "tenant_suspended"),
        (Tenant, {"state": "deleting"}, 401, "invalid_token"),
        (Tenant, {"state": "deleted"}, 401, "invalid_token"),
        (Tenant, {"schema_revision": "0001"}, 503, "company_being_updated"),
        (Tenant, {"schema_revision": "9999"}, 503, "company_being_updated"),
        (Tenant, {"migrating_until": now() + timedelta(days=1)}, 503, "company_being_updated"),
    ],
)
def test_a_change_in_the_catalog_is_felt_by_every_process(
    client, second, platform, model, change, status, code, settled
):
    answer = client.found().json
    second.token = client.token
    person, company = answer["user"]["id"], answer["company"]["id"]
    assert client.who().status_int == second.who().status_int == 200
    with platform.databases.catalog.begin() as session:
        key = {Membership: (person, company), Login: person, Tenant: company}[model]
        row = session.get_one(model, key)
        for name, value in change.items():
            setattr(row, name, value)
    settled(second, status)
    settled(client, status)
    assert client.who().json["code"] == second.who().json["code"] == code
    assert second.call("GET", "/api/contacts").status_int == status


def test_a_company_that_lacks_only_what_this_release_can_do_without_is_served(
    client, platform, monkeypatch, settled
):
    *_, before, newest = revisions("tenant")
    company = client.found().json["company"]["id"]
    with platform.databases.catalog.begin() as session:
        session.get_one(Tenant, company).schema_revision = before
    settled(client, 503)
    monkeypatch.setattr(access, "served_revisions", lambda: (newest, before))
    settled(client, 200)


def test_a_company_that_was_migrated_is_served_again_and_was_told_when_to_ask(
    client, second, platform, settled
):
    company = client.found().json["company"]["id"]
    with platform.databases.catalog.begin() as session:
        session.get_one(Tenant, company).migrating_until = now() + timedelta(minutes=1)
    settled(client, 503)
    assert client.who().headers["Retry-After"] == "5"
    with platform.databases.catalog.begin() as session:
        session.get_one(Tenant, company).migrating_until = now() - timedelta(seconds=1)
    settled(client, 200)


def test_a_company_wiped_from_the_catalog_is_refused(client, second, platform, settled):
    company = client.found().json["company"]["id"]
    second.token = client.token
    assert second.who().status_int == 200
    with platform.databases.catalog.begin() as session:
        row = session.get_one(Tenant, company)
        session.delete(row)
    settled(second, 401)


@pytest.mark.parametrize("how", ["/api/sessions", "/api/sessions/current"])
def test_signing_out_in_one_process_is_felt_by_the_other(client, second, how, settled):
    client.found()
    second.token = client.token
    assert second.who().status_int == 200
    assert client.call("DELETE", how).status_int == 204
    assert client.who().status_int == 401
    settled(second, 401)


def test_a_reused_refresh_token_ends_the_access_tokens_of_the_thief_too(client, second, platform, settled):
    email = client.found().json["user"]["email"]
    first = client.keep(client.sign_in(email, transport="body")).json["refresh_token"]
    stolen = second.call("POST", "/api/sessions/refresh", {"refresh_token": first})
    second.keep(stolen)
    third = second.call("POST", "/api/sessions/refresh", {"refresh_token": stolen.json["refresh_token"]})
    assert third.status_int == 201
    assert second.who().status_int == 200
    assert client.call("POST", "/api/sessions/refresh", {"refresh_token": first}).status_int == 401
    settled(second, 401)
    settled(client, 401)


def test_a_sign_in_after_signing_out_everywhere_is_let_in_by_every_process_at_once(client, second, newcomer):
    email = client.found().json["user"]["email"]
    second.token = client.token
    assert second.who().status_int == 200
    client.call("DELETE", "/api/sessions")
    other = newcomer()
    other.keep(other.sign_in(email))
    second.token = other.token
    assert second.who().status_int == other.who().status_int == 200


def test_a_removed_member_is_refused_at_the_next_request_and_elsewhere_within_a_second(
    client, second, newcomer, settled
):
    client.found()
    member = newcomer()
    joined = member.found().json["user"]
    company = client.who().json["company"]["id"]
    client.take_in(joined["email"])
    member.keep(member.call("POST", "/api/sessions/switch", {"company": company}))
    second.token = member.token
    assert member.who().status_int == second.who().status_int == 200
    assert client.call("DELETE", f"/api/members/{joined['id']}").status_int == 204
    assert member.who().status_int == 401
    settled(second, 401)
    assert member.refresh().status_int == 401


def test_every_bad_token_is_refused_with_one_body_wherever_it_is_sent(client):
    client.found()
    bodies = set()
    for name, token in BAD_TOKENS.items():
        header = f"Bearer {token}"
        if not header.isascii() or any(letter in header for letter in "\r\n\x00"):
            continue  # no server lets such a header through
        for path in ("/api", "/api/contacts", "/api/members"):
            answer = client.call("GET", path, token=None, headers={"Authorization": header})
            assert (answer.status_int, answer.json["code"]) == (401, "invalid_token"), name
            assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
            bodies.add(answer.body.replace(answer.json["request_id"].encode(), b""))
    assert len(bodies) == 1


@pytest.mark.parametrize("place", ["query", "cookie", "body"])
def test_a_token_anywhere_but_in_its_header_is_no_token(client, place):
    token = client.found().json["access_token"]
    client.app.reset()
    if place == "cookie":
        client.app.set_cookie("access_token", token)
    path = f"/api/contacts?access_token={token}" if place == "query" else "/api/contacts"
    answer = client.call("GET", path, token=None)
    assert answer.status_int == 401
