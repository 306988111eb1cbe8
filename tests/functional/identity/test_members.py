"""Members over HTTP: listing, adding, inviting, changing, removing."""

from __future__ import annotations

import pytest

from tests.functional.identity.people import PASSWORD


@pytest.fixture
def team(client, newcomer):
    """An owner, and one member of each other role, signed in to the same company."""
    company = client.found().json["company"]["id"]
    people = {"owner": client}
    for role in ("admin", "member", "viewer"):
        person = newcomer()
        email = person.found().json["user"]["email"]
        client.take_in(email, role)
        person.keep(person.call("POST", "/api/sessions/switch", {"company": company}))
        people[role] = person
    return people


def id_of(client):
    return client.who().json["user"]["id"]


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
def test_everybody_sees_the_members(team, role):
    answer = team[role].call("GET", "/api/members")
    assert answer.status_int == 200
    assert answer.json["next"] is None
    assert sorted(item["role"] for item in answer.json["items"]) == ["admin", "member", "owner", "viewer"]
    assert set(answer.json["items"][0]) == {"id", "name", "email", "role", "created_at", "updated_at"}
    one = team[role].call("GET", f"/api/members/{id_of(team['owner'])}")
    assert (one.status_int, one.json["role"]) == (200, "owner")


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("admin", 200), ("member", 403), ("viewer", 403)]
)
def test_owners_and_admins_change_roles(team, role, status):
    answer = team[role].call("PATCH", f"/api/members/{id_of(team['viewer'])}", {"role": "member"})
    assert answer.status_int == status
    assert team["viewer"].who().json["role"] == ("member" if status == 200 else "viewer")


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 204), ("admin", 204), ("member", 403), ("viewer", 403)]
)
def test_owners_and_admins_remove_members(team, role, status):
    # Not themselves: everybody may leave.
    other = team["member" if role == "viewer" else "viewer"]
    answer = team[role].call("DELETE", f"/api/members/{id_of(other)}")
    assert answer.status_int == status
    assert other.who().status_int == (401 if status == 204 else 200)


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 201), ("admin", 201), ("member", 403), ("viewer", 403)]
)
def test_owners_and_admins_invite(team, role, status):
    answer = team[role].call("POST", "/api/members", {"email": f"new-{role}@example.com"})
    assert answer.status_int == status


def test_a_role_cannot_be_taken_away(team):
    refused = team["owner"].call("PATCH", f"/api/members/{id_of(team['viewer'])}", {"role": None})
    assert refused.status_int == 422
    assert refused.json["errors"][0]["pointer"] == "/role"
    assert team["viewer"].who().json["role"] == "viewer"


def test_a_changed_role_counts_from_the_next_request_on(client, newcomer):
    company, person = client.register().json["company"]["id"], newcomer()
    joined = person.found().json["user"]
    client.take_in(joined["email"])
    person.keep(person.call("POST", "/api/sessions/switch", {"company": company}))
    draft = {"kind": "person", "given_name": "Bo"}
    assert person.call("POST", "/api/contacts", draft).status_int == 201
    member = f"/api/members/{joined['id']}"
    assert client.call("PATCH", member, {"role": "viewer"}).status_int == 200
    assert person.call("POST", "/api/contacts", draft).status_int == 403
    assert person.call("GET", "/api/contacts").status_int == 200


def test_the_last_owner_stays(team):
    owner = id_of(team["owner"])
    for answer in (
        team["owner"].call("PATCH", f"/api/members/{owner}", {"role": "member"}),
        team["owner"].call("DELETE", f"/api/members/{owner}"),
    ):
        assert (answer.status_int, answer.json["code"]) == (409, "last_owner")


def test_an_admin_makes_and_unmakes_no_owner(team):
    owner, member = id_of(team["owner"]), id_of(team["member"])
    admin = team["admin"]
    assert admin.call("PATCH", f"/api/members/{member}", {"role": "owner"}).status_int == 403
    assert admin.call("PATCH", f"/api/members/{owner}", {"role": "member"}).status_int == 403
    assert admin.call("DELETE", f"/api/members/{owner}").status_int == 403
    body = {"email": "owner-to-be@example.com", "role": "owner"}
    assert admin.call("POST", "/api/members", body).status_int == 403


@pytest.mark.parametrize(
    ("body", "field_error"),
    [
        ({"role": "king"}, ("/role", "invalid_choice")),
        ({"role": 1}, ("/role", "invalid_choice")),
        ({"name": "X"}, ("/name", "read_only_field")),
        ({"permissions": []}, ("/permissions", "unknown_field")),
    ],
)
def test_nothing_but_a_role_can_be_changed(team, body, field_error):
    answer = team["owner"].call("PATCH", f"/api/members/{id_of(team['viewer'])}", body)
    assert answer.status_int == 422
    assert [(found["pointer"], found["code"]) for found in answer.json["errors"]] == [field_error]


def test_an_empty_patch_changes_nothing(team):
    answer = team["owner"].call("PATCH", f"/api/members/{id_of(team['viewer'])}", {})
    assert (answer.status_int, answer.json["role"]) == (200, "viewer")


@pytest.mark.parametrize("segment", ["u_" + "a" * 26, "u_1", "1", "me", "c_" + "a" * 26, "U_" + "A" * 26])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_who_is_no_member_is_not_found(client, method, segment):
    client.found()
    body = {"role": "viewer"} if method == "PATCH" else None
    assert client.call(method, f"/api/members/{segment}", body).status_int == 404


def test_the_members_of_another_company_are_not_found(client, newcomer):
    client.found()
    stranger = newcomer().found().json["user"]["id"]
    assert client.call("GET", f"/api/members/{stranger}").status_int == 404
    assert client.call("PATCH", f"/api/members/{stranger}", {"role": "viewer"}).status_int == 404
    assert client.call("DELETE", f"/api/members/{stranger}").status_int == 404


def test_an_unknown_parameter_is_refused(client):
    client.found()
    assert client.call("GET", "/api/members?role=owner").status_int == 400


def test_somebody_invited_takes_up_their_place_once(client, newcomer):
    company = client.found().json["company"]
    invited = client.call(
        "POST", "/api/members", {"email": "Invited@Example.com", "name": "Bo", "role": "member"}
    )
    assert invited.status_int == 201
    assert set(invited.json) == {"id", "invitation_token", "email", "name", "role", "expires_at", "mail"}
    guest = newcomer()
    body = {"token": invited.json["invitation_token"], "name": "Bo Ek", "password": PASSWORD}
    accepted = guest.keep(guest.call("POST", "/api/invitations", body)).json
    assert (accepted["company"], accepted["role"]) == (company, "member")
    assert guest.who().json["user"]["name"] == "Bo Ek"
    assert guest.refresh().status_int == 201
    assert guest.sign_in("invited@example.com").status_int == 201
    again = newcomer().call("POST", "/api/invitations", body)
    assert (again.status_int, again.json["errors"][0]["code"]) == (422, "invalid_invitation")


def test_an_invitation_does_not_keep_its_address_from_registering(client, newcomer):
    client.found()
    invited = client.call("POST", "/api/members", {"email": "free@example.com"}).json
    newcomer().register(email="free@example.com")
    body = {"token": invited["invitation_token"], "name": "Thief", "password": "not the password of them"}
    refused = newcomer().call("POST", "/api/invitations", body)
    assert (refused.status_int, refused.json["code"]) == (401, "invalid_credentials")


def test_nobody_is_put_into_a_company_unasked_or_told_whether_an_address_is_somebodys(client, newcomer):
    company, person = client.found().json["company"], newcomer()
    email = person.found().json["user"]["email"]
    known, unknown = (
        client.call("POST", "/api/members", {"email": address, "role": "viewer"})
        for address in (email, "nobody@example.com")
    )
    assert known.status_int == unknown.status_int == 201
    assert known.json.keys() == unknown.json.keys()
    assert known.json["name"] is None
    assert person.call("POST", "/api/sessions/switch", {"company": company["id"]}).status_int == 404
    assert len(client.call("GET", "/api/members").json["items"]) == 1


def test_who_has_a_login_takes_up_an_invitation_with_its_password_and_keeps_its_name(client, newcomer):
    company, person = client.found().json["company"], newcomer()
    user = person.found().json["user"]
    accepted = client.take_in(user["email"], "admin").json
    assert (accepted["company"], accepted["role"], accepted["user"]) == (company, "admin", user)
    again = client.call("POST", "/api/members", {"email": user["email"], "role": "viewer"})
    assert (again.status_int, again.json["code"]) == (409, "already_member")


def test_taking_up_an_invitation_with_a_bad_password_does_not_spend_it(client, newcomer):
    client.found()
    token = client.call("POST", "/api/members", {"email": "weak@example.com"}).json["invitation_token"]
    body = {"token": token, "name": "Bo", "password": "password1234"}
    assert newcomer().call("POST", "/api/invitations", body).status_int == 422
    assert newcomer().call("POST", "/api/invitations", {**body, "password": PASSWORD}).status_int == 201


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 100])
def test_what_is_no_invitation_is_refused(newcomer, token):
    body = {"token": token, "name": "Bo", "password": PASSWORD}
    assert newcomer().call("POST", "/api/invitations", body).status_int == 422
