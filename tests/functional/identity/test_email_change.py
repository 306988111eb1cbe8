"""Another address counts once it is confirmed from there; nobody learns from it who has a login."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, event, func, select, update

from crmtenant.clock import now
from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.tables import Mail, Tenant
from tests.functional.identity.people import PASSWORD, Client

CHANGE = "/api/profile/email-change"


@pytest.fixture(autouse=True)
def nothing_asked(platform):
    with platform.databases.catalog.begin() as session:
        session.execute(delete(Mail))
        session.execute(delete(EmailChange))


@pytest.fixture
def person(client):
    """Somebody signed in, with what is known of them."""
    client.user = client.found().json["user"]
    return client


def new_address():
    return f"new-{secrets.token_hex(6)}@example.com"


def _ask(client, email, password=PASSWORD):
    return client.call("PATCH", "/api/profile", {"email": email, "current_password": password})


def _confirm(client, token):
    return client.call("POST", f"{CHANGE}/confirm", {"token": token}, token=None)


def _mails(platform, kind):
    platform.identity.email_change_mailer.answer()
    with platform.databases.catalog.begin() as session:
        wanted = select(Mail.recipient, Mail.subject, Mail.text).where(Mail.kind == kind).order_by(Mail.id)
        return [tuple(row) for row in session.execute(wanted)]


def _token(platform, email):
    mailed = [mail for mail in _mails(platform, "email_confirmation") if mail[0] == email]
    return re.search(r"http://\S+/confirm-email#token=(\S+)", mailed[-1][2])[1]


def _profile(client):
    return client.call("GET", "/api/profile").json


def test_an_address_counts_once_it_is_confirmed(platform, person, newcomer):
    new, old = new_address(), person.user["email"]
    device = newcomer()
    device.keep(device.sign_in(old))
    asked = _ask(person, new)
    assert (asked.status_int, asked.json["email"], asked.json["pending_email"]["email"]) == (200, old, new)
    assert _profile(person) == asked.json
    assert newcomer().sign_in(new).status_int == 401
    ((recipient, _, text),) = _mails(platform, "email_change_requested")
    assert recipient == old
    assert new in text
    assert "/forgotten-password" in text
    assert _mails(platform, "email_changed") == []
    confirmed = _confirm(newcomer(), _token(platform, new))
    assert (confirmed.status_int, confirmed.body) == (204, b"")
    assert (_profile(person)["email"], _profile(person)["pending_email"]) == (new, None)
    assert newcomer().sign_in(new).status_int == 201
    assert newcomer().sign_in(old).status_int == 401
    ((recipient, _, text),) = _mails(platform, "email_changed")
    assert recipient == old
    assert new in text
    # The password is what it was: those who are signed in stay so.
    assert person.who().json["user"]["email"] == device.who().json["user"]["email"] == new


def test_an_address_with_a_login_is_answered_as_one_without(platform, person, newcomer):
    other = newcomer().found().json["user"]
    answers = [_ask(person, address) for address in (new_address(), other["email"].upper())]
    assert len({(answer.status, *sorted(answer.headers)) for answer in answers}) == 1
    shapes = [{**answer.json, "pending_email": sorted(answer.json["pending_email"])} for answer in answers]
    assert shapes[0] == shapes[1]
    ((recipient, _, text),) = _mails(platform, "email_in_use")
    assert recipient.lower() == other["email"]
    assert "#token=" not in text
    assert _mails(platform, "email_confirmation") == []  # the newer request counts, and its address is taken
    for _ in range(2):
        assert person.call("POST", f"{CHANGE}/resend").status_int == 200
    assert person.call("DELETE", CHANGE).status_int == 204


def test_the_request_does_the_same_whoever_has_the_address(person, newcomer):
    """Same statements, so the same time: who has the address is looked up by the worker."""
    other = newcomer().found().json["user"]["email"]
    statements = []

    def note(connection, cursor, statement, *rest):
        statements[-1].append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for address in (new_address(), other):
            statements.append([])
            assert _ask(person, address).status_int == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(statements[0]) > 4
    assert statements[0] == statements[1]


def test_the_newest_request_counts_and_its_link_once(platform, person, newcomer):
    first, second = new_address(), new_address()
    tokens = []
    for address in (first, second):
        assert _ask(person, address).status_int == 200
        tokens.append(_token(platform, address))
    assert _confirm(newcomer(), tokens[0]).status_int == 422
    assert person.call("POST", f"{CHANGE}/resend").json["email"] == second
    again = _token(platform, second)
    assert _confirm(newcomer(), tokens[1]).status_int == 422
    assert _confirm(newcomer(), again).status_int == 204
    for token in (*tokens, again, "made up", "\ud800"):
        refused = _confirm(newcomer(), token)
        assert refused.status_int in {400, 422}
    assert refused.status_int == 400 or refused.json["errors"][0]["code"] == "invalid_email_change"


def test_only_a_hash_of_the_token_is_kept_and_for_a_day(platform, person, newcomer):
    new = new_address()
    _ask(person, new)
    token = _token(platform, new)
    with platform.databases.catalog.begin() as session:
        (kept,) = session.scalars(select(EmailChange.token_hash))
        assert len(kept) == 32
        session.execute(update(EmailChange).values(expires_at=now() - timedelta(seconds=1)))
    assert _confirm(newcomer(), token).status_int == 422
    assert _profile(person)["pending_email"] is None
    assert person.call("POST", f"{CHANGE}/resend").status_int == 404
    platform.identity.email_change_mailer.sweep()
    with platform.databases.catalog.begin() as session:
        assert session.scalar(select(func.count()).select_from(EmailChange)) == 0


def test_a_cancelled_change_is_gone(platform, person, newcomer):
    new = new_address()
    _ask(person, new)
    token = _token(platform, new)
    assert person.call("DELETE", CHANGE).status_int == 204
    assert person.call("DELETE", CHANGE).status_int == 404
    assert _confirm(newcomer(), token).status_int == 422
    assert _profile(person)["pending_email"] is None


def test_a_new_password_ends_what_was_asked_for(platform, person, newcomer):
    new = new_address()
    _ask(person, new)
    token = _token(platform, new)
    body = {"current_password": PASSWORD, "new_password": "fünf blaue Ruderboote"}
    assert person.call("POST", "/api/profile/password", body).status_int == 201
    assert _confirm(newcomer(), token).status_int == 422


def test_a_password_that_was_forgotten_ends_it_too(platform, person, newcomer):
    new = new_address()
    _ask(person, new)
    token = _token(platform, new)
    newcomer().call("POST", "/api/password-resets", {"email": person.user["email"]})
    platform.identity.reset_mailer.answer()
    with platform.databases.catalog.begin() as session:
        text = session.scalars(select(Mail.text).where(Mail.kind == "password_reset")).one()
    reset = re.search(r"#token=(\S+)", text)[1]
    body = {"token": reset, "password": "fünf blaue Ruderboote"}
    assert newcomer().call("POST", "/api/password-resets/take", body).status_int == 204
    assert _confirm(newcomer(), token).status_int == 422


def test_who_gets_the_address_meanwhile_keeps_it(platform, person, newcomer):
    new = new_address()
    _ask(person, new)
    token = _token(platform, new)
    newcomer().register(email=new)
    refused = _confirm(newcomer(), token)
    assert (refused.status_int, refused.json["code"]) == (409, "email_taken")
    assert _profile(person)["email"] == person.user["email"]


def test_the_mails_speak_the_companys_language(platform, client):
    founded = client.found().json
    with platform.databases.catalog.begin() as session:
        session.execute(update(Tenant).where(Tenant.id == founded["company"]["id"]).values(language="de"))
    _ask(client, new_address())
    ((_, subject, _),) = _mails(platform, "email_confirmation")
    assert subject == "Neue E-Mail-Adresse bestätigen"


def test_asking_is_limited_by_person_and_by_address(platform, newcomer):
    target, statuses = new_address(), []
    for _ in range(3):
        asking = newcomer()
        asking.found()
        statuses += [_ask(asking, target).status_int for _ in range(4)]
    assert statuses == [200] * 10 + [429] * 2
    asking = newcomer()
    asking.found()
    statuses = [_ask(asking, new_address()).status_int for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert asking.call("POST", f"{CHANGE}/resend").status_int == 429


def test_nobody_asks_for_others(newcomer):
    for method, path in (("DELETE", CHANGE), ("POST", f"{CHANGE}/resend")):
        assert newcomer().call(method, path).status_int == 401


def test_without_mails_it_counts_at_once(platforms, newcomer):
    silent = Client(platforms(mail_url=None))
    user = silent.found().json["user"]
    new, other = new_address(), newcomer().found().json["user"]["email"]
    taken = _ask(silent, other)
    assert (taken.status_int, taken.json["code"]) == (409, "email_taken")
    changed = _ask(silent, new)
    assert (changed.json["email"], changed.json["pending_email"]) == (new, None)
    assert newcomer().sign_in(user["email"]).status_int == 401
