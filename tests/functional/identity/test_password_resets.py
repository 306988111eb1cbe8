"""A forgotten password: asked for without telling who is known, answered by mail, taken once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from crmtenant.clock import now
from crmtenant.models.catalog.tables import Login, Mail, PasswordReset, Tenant
from tests.functional.identity.people import PASSWORD, Client

NEW_PASSWORD = "fünf blaue Ruderboote"


@pytest.fixture(autouse=True)
def nothing_asked(platform):
    with platform.databases.catalog.begin() as session:
        session.execute(delete(Mail))
        session.execute(delete(PasswordReset))


def _ask(client, email):
    return client.call("POST", "/api/password-resets", {"email": email}, token=None)


def _take(client, token, password=NEW_PASSWORD):
    body = {"token": token, "password": password}
    return client.call("POST", "/api/password-resets/take", body, token=None)


def _sign_in(client, email, password):
    body = {"email": email, "password": password}
    return client.call("POST", "/api/sessions", body, token=None).status_int


def _mails(platform, kind):
    with platform.databases.catalog.begin() as session:
        wanted = select(Mail.recipient, Mail.subject, Mail.text).where(Mail.kind == kind)
        return [tuple(row) for row in session.execute(wanted)]


def _mailed_token(platform, client, email):
    assert _ask(client, email).status_int == 202
    platform.identity.reset_mailer.answer()
    _, _, text = _mails(platform, "password_reset")[-1]
    return re.search(r"http://\S+/new-password#token=(\S+)", text)[1]


def _email(client):
    return client.found().json["user"]["email"]


def test_a_new_password_ends_every_sign_in(platform, client, newcomer):
    email = _email(client)
    with platform.databases.catalog.begin() as session:
        before = session.scalar(select(Login.token_version).where(Login.email == email))
    assert _take(newcomer(), _mailed_token(platform, newcomer(), email)).status_int == 204
    assert client.call("GET", "/api/profile").status_int == 401
    assert _sign_in(newcomer(), email, PASSWORD) == 401
    assert _sign_in(newcomer(), email, NEW_PASSWORD) == 201
    with platform.databases.catalog.begin() as session:
        after = session.scalar(select(Login.token_version).where(Login.email == email))
    assert after == before + 1
    assert [recipient for recipient, _, _ in _mails(platform, "password_changed")] == [email]


def test_a_newer_token_ends_the_older_and_is_taken_once(platform, client, newcomer):
    email = _email(client)
    first, second = (_mailed_token(platform, newcomer(), email) for _ in range(2))
    assert first != second
    assert _take(newcomer(), first).status_int == 422
    assert _take(newcomer(), second).status_int == 204
    for token in (first, second, "made up"):
        refused = _take(newcomer(), token)
        assert (refused.status_int, refused.json["errors"][0]["code"]) == (422, "invalid_reset")


def test_a_token_expires(platform, client, newcomer):
    token = _mailed_token(platform, newcomer(), _email(client))
    with platform.databases.catalog.begin() as session:
        session.execute(update(PasswordReset).values(expires_at=now() - timedelta(seconds=1)))
    assert _take(newcomer(), token).status_int == 422
    platform.identity.reset_mailer.sweep()
    with platform.databases.catalog.begin() as session:
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_an_unknown_address_gets_the_same_answer_and_no_mail(platform, client, newcomer):
    known, unknown = _ask(newcomer(), _email(client)), _ask(newcomer(), "nobody@example.com")
    assert (known.status, known.body) == (unknown.status, unknown.body) == ("202 Accepted", b"")
    assert set(known.headers) == set(unknown.headers)
    with platform.databases.catalog.begin() as session:
        assert session.scalar(select(func.count()).select_from(Mail)) == 0
    platform.identity.reset_mailer.answer()
    assert len(_mails(platform, "password_reset")) == 1


def test_only_a_hash_of_the_token_is_kept(platform, client, newcomer):
    token = _mailed_token(platform, newcomer(), _email(client))
    with platform.databases.catalog.begin() as session:
        (kept,) = session.scalars(select(PasswordReset.token_hash))
    assert len(kept) == 32
    assert token.encode() not in kept


def test_the_mail_speaks_the_companys_language(platform, client, newcomer):
    founded = client.found().json
    with platform.databases.catalog.begin() as session:
        session.execute(update(Tenant).where(Tenant.id == founded["company"]["id"]).values(language="de"))
    _mailed_token(platform, newcomer(), founded["user"]["email"])
    assert _mails(platform, "password_reset")[0][1] == "Neues Passwort festlegen"


def test_a_changed_password_or_address_voids_the_token(platform, client, newcomer):
    email = _email(client)
    token = _mailed_token(platform, newcomer(), email)
    moved = client.call("PATCH", "/api/profile", {"email": f"new-{email}", "current_password": PASSWORD})
    assert moved.status_int == 200
    platform.identity.email_change_mailer.answer()
    link = re.search(r"#token=(\S+)", _mails(platform, "email_confirmation")[-1][2])[1]
    confirmed = newcomer().call("POST", "/api/profile/email-change/confirm", {"token": link})
    assert confirmed.status_int == 204
    assert _take(newcomer(), token).status_int == 422
    token = _mailed_token(platform, newcomer(), f"new-{email}")
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert client.call("POST", "/api/profile/password", body).status_int == 201
    assert _take(newcomer(), token).status_int == 422


def test_a_weak_password_leaves_the_token_valid(platform, client, newcomer):
    email = _email(client)
    token = _mailed_token(platform, newcomer(), email)
    for weak in ("short", email):
        refused = _take(newcomer(), token, weak)
        assert (refused.status_int, refused.json["errors"][0]["pointer"]) == (422, "/password")
    assert _take(newcomer(), token).status_int == 204


def test_asking_is_limited(platform, client, newcomer):
    email = _email(client)
    for _ in range(platform.settings.sign_in_attempts):
        assert _ask(newcomer(), email).status_int == 202
    refused = _ask(newcomer(), email)
    assert (refused.status_int, "Retry-After" in refused.headers) == (429, True)


def test_without_mails_there_are_no_resets(platforms):
    client = Client(platforms(mail_url=None))
    assert client.call("GET", "/api/welcome").json["can_reset_password"] is False
    assert _ask(client, "nobody@example.com").status_int == 404
    assert _take(client, "made up").status_int == 404
