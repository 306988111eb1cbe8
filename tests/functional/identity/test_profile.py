"""What people change about themselves."""

from __future__ import annotations

import pytest

from tests.functional.identity.people import PASSWORD

NEW_PASSWORD = "fünf blaue Ruderboote"


def _change_password(client, current=PASSWORD, new=NEW_PASSWORD, **more):
    return client.call(
        "POST", "/api/profile/password", {"current_password": current, "new_password": new, **more}
    )


def test_a_person_sees_and_renames_themselves(client):
    user = client.found().json["user"]
    assert client.call("GET", "/api/profile").json == {**user, "wants_reminders": True, "pending_email": None}
    renamed = client.call("PATCH", "/api/profile", {"name": " Anna  Berg-Ö "})
    assert renamed.status_int == 200
    assert renamed.json == {**user, "name": "Anna  Berg-Ö", "wants_reminders": True, "pending_email": None}
    assert client.who().json["user"] == {**user, "name": "Anna  Berg-Ö"}
    (member,) = client.call("GET", "/api/members").json["items"]
    assert member["name"] == "Anna  Berg-Ö"


def test_a_person_turns_reminders_off_and_on(client):
    user = client.found().json["user"]
    for wanted in (False, True):
        changed = client.call("PATCH", "/api/profile", {"wants_reminders": wanted})
        assert changed.json == {**user, "wants_reminders": wanted, "pending_email": None}
        assert client.call("GET", "/api/profile").json == changed.json
    refused = client.call("PATCH", "/api/profile", {"wants_reminders": "perhaps"})
    assert refused.status_int == 422
    assert refused.json["errors"][0]["pointer"] == "/wants_reminders"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "required"),
        ({"name": " "}, "required"),
        ({"name": None}, "required"),
        ({"email": None}, "required"),
        ({"wants_reminders": None}, "required"),
        ({"current_password": None}, "required"),
    ],
)
def test_what_cannot_be_taken_away_is_refused_and_not_ignored(client, change, code):
    client.found()
    before = client.call("GET", "/api/profile")
    refused = client.call("PATCH", "/api/profile", {"wants_reminders": False, **change})
    assert refused.status_int == 422
    (name,) = change
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [(f"/{name}", code)]
    assert client.call("GET", "/api/profile").json == before.json


def test_nobody_has_no_profile(newcomer):
    for method, path, body in (
        ("GET", "/api/profile", None),
        ("PATCH", "/api/profile", {"name": "X"}),
        ("POST", "/api/profile/password", {}),
    ):
        answer = newcomer().call(method, path, body)
        assert (answer.status_int, answer.json["code"]) == (401, "invalid_token")


def test_another_address_needs_the_password(client):
    user = client.found().json["user"]
    new = f"new.{user['email']}"
    for body, code in (
        ({"email": new}, "password_needed"),
        ({"email": new, "current_password": "wrong password"}, "wrong_password"),
    ):
        refused = client.call("PATCH", "/api/profile", {"name": "No", **body})
        assert refused.status_int == 422
        assert [(f["pointer"], f["code"]) for f in refused.json["errors"]] == [("/current_password", code)]
    assert client.call("GET", "/api/profile").json == {**user, "wants_reminders": True, "pending_email": None}
    # What happens with the right one is in test_email_change.py.


def test_the_same_address_needs_none(client):
    user = client.found().json["user"]
    same = client.call("PATCH", "/api/profile", {"email": user["email"]})
    assert same.json == {**user, "wants_reminders": True, "pending_email": None}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"id": "u_x"}, "/id"),
        ({"password": NEW_PASSWORD}, "/password"),
        ({"name": "x" * 201}, "/name"),
        ({"name": 5}, "/name"),
    ],
)
def test_what_makes_no_sense_is_refused(client, body, pointer):
    client.found()
    answer = client.call("PATCH", "/api/profile", body)
    assert answer.status_int == 422
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [pointer]


def test_a_new_password_ends_every_other_sign_in_and_this_one_goes_on(client, newcomer, second):
    email = client.found().json["user"]["email"]
    other = newcomer()
    other.keep(other.sign_in(email))
    old_token, old_cookie = client.token, client.app.cookies["rt"]
    changed = client.keep(_change_password(client))
    assert {"companies", "company", "role", "user"} <= set(changed.json)
    assert changed.headers["Cache-Control"] == "no-store"
    assert client.app.cookies["rt"] != old_cookie
    assert client.who().status_int == 200
    assert client.who(old_token).status_int == 401
    assert other.who().status_int == 401
    assert other.refresh().status_int == 401
    assert second.who(changed.json["access_token"]).status_int == 200
    client.keep(client.refresh())
    assert newcomer().sign_in(email).status_int == 401
    assert newcomer().sign_in(email, NEW_PASSWORD).status_int == 201


def test_a_client_without_cookies_is_given_its_token_in_the_body(client, newcomer):
    email = client.found().json["user"]["email"]
    program = newcomer()
    program.keep(program.sign_in(email, transport="body"))
    changed = program.keep(_change_password(program, transport="body"))
    body = {"refresh_token": changed.json["refresh_token"]}
    assert program.call("POST", "/api/sessions/refresh", body, token=None).status_int == 201
    assert "Set-Cookie" not in changed.headers


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 257, "password_too_long"),
        ("NorthwindNorthwind", "common_password"),
        ("password1234", "common_password"),
    ],
)
def test_a_bad_new_password_is_named(client, new, code):
    client.found()
    answer = _change_password(client, new=new)
    assert answer.status_int == 422
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [("/new_password", code)]
    assert client.who().status_int == 200


def test_a_wrong_current_password_changes_nothing_and_counts(client, newcomer):
    email = client.found().json["user"]["email"]
    # Whoever has the token, but not the cookie of the device it was issued to, counts like a stranger.
    client.app.reset()
    for _ in range(10):
        refused = _change_password(client, current="wrong password")
        assert refused.status_int == 422
        assert [(f["pointer"], f["code"]) for f in refused.json["errors"]] == [
            ("/current_password", "wrong_password")
        ]
    limited = _change_password(client)
    assert (limited.status_int, limited.json["code"]) == (429, "too_many_attempts")
    assert int(limited.headers["Retry-After"]) > 0
    assert newcomer().sign_in(email).status_int == 429
    assert client.who().status_int == 200


def test_a_sign_in_that_has_ended_changes_nothing(client, second):
    client.found()
    token = client.token
    client.call("DELETE", "/api/sessions")
    answer = client.call(
        "POST",
        "/api/profile/password",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        token=token,
    )
    assert answer.status_int == 401
