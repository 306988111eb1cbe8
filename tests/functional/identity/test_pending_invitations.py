"""Open invitations: listed, sent again, withdrawn, ended with their maker's rights, and not without number."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from webtest import TestResponse

from crmtenant.clock import now
from crmtenant.models.catalog.tables import Login, Mail
from crmtenant.permissions import Role
from crmtenant.platform import Platform
from crmtenant.services.identity.rate_limits import INVITATIONS_OF_COMPANY, INVITATIONS_TO_ADDRESS
from crmtenant.services.mail.delivery import MailDelivery, MailRefused
from tests.functional.installation import Client, Company

PASSWORD = "seven green umbrellas"


@pytest.fixture
def company(new_company: Callable[[str], Company]) -> Company:
    return new_company("Invited")


def _address() -> str:
    return f"{secrets.token_hex(8)}@example.com"


def _invited(client: Client, role: str = "member", email: str | None = None) -> dict[str, Any]:
    answer = client.post("/api/members", {"email": email or _address(), "role": role})
    assert answer.status_int == 201, answer.text
    invitation: dict[str, Any] = answer.json
    return invitation


def _accept(company: Company, invitation: dict[str, Any]) -> TestResponse:
    body = {"token": invitation["invitation_token"], "name": "Bo Ek", "password": PASSWORD}
    return Client(company.app, None).post("/api/invitations", body)


def _assert_ended(company: Company, invitation: dict[str, Any]) -> None:
    refused = _accept(company, invitation)
    assert (refused.status_int, refused.json["errors"][0]["code"]) == (422, "invalid_invitation")
    assert invitation["id"] not in _listed(company)


def _listed(company: Company) -> dict[str, Any]:
    return {one["id"]: one for one in company.client().read("/api/invitations")["items"]}


def test_open_invitations_are_listed_until_they_are_accepted(company: Company) -> None:
    owner = company.client()
    invitation = _invited(owner, "viewer")
    assert invitation["mail"] == "waiting"
    listed = _listed(company)[invitation["id"]]
    assert (listed["email"], listed["role"], listed["mail"]) == (invitation["email"], "viewer", "waiting")
    assert (listed["invited_by"], listed["invited_by_name"]) == (company.people["owner"], "Invited owner")
    assert "token" not in str(listed)
    assert _accept(company, invitation).status_int == 201
    assert _listed(company) == {}


def test_the_list_says_whether_the_mail_went(company: Company, platform: Platform) -> None:
    invitation = _invited(company.client())

    def refuse(_: Mail) -> None:
        raise MailRefused("mailbox unavailable")

    catalog = platform.databases.catalog
    for send, state in ((refuse, "failed"), (lambda _: None, "sent")):
        with catalog.begin() as session:
            session.execute(update(Mail).where(Mail.tenant_id != company.id).values(sent_at=now()))
            session.execute(update(Mail).where(Mail.tenant_id == company.id).values(due_at=now()))
        MailDelivery(catalog, send).send_due()
        assert _listed(company)[invitation["id"]]["mail"] == state


def test_where_no_mails_are_sent_the_answer_says_so(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company.platform.identity.memberships._outbox, "is_open", False)
    invitation = _invited(company.client())
    assert invitation["mail"] == _listed(company)[invitation["id"]]["mail"] == "none"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_who_may_not_invite_sees_and_does_nothing(company: Company, role: str) -> None:
    invitation = _invited(company.client())
    path = f"/api/invitations/{invitation['id']}"
    client = company.client(role)
    asked = (client.get("/api/invitations"), client.post(f"{path}/resend"), client.delete(path))
    assert [answer.status_int for answer in asked] == [403, 403, 403]
    nobody = Client(company.app, None)
    asked = (nobody.get("/api/invitations"), nobody.post(f"{path}/resend"), nobody.delete(path))
    assert [answer.status_int for answer in asked] == [401, 401, 401]


def test_no_other_company_sees_or_touches_them(company: Company, south: Company) -> None:
    invitation = _invited(company.client())
    path = f"/api/invitations/{invitation['id']}"
    stranger = south.client()
    assert invitation["id"] not in _listed(south)
    assert stranger.delete(path).status_int == stranger.post(f"{path}/resend").status_int == 404
    assert invitation["id"] in _listed(company)


def test_withdrawn_it_is_worth_nothing(company: Company) -> None:
    owner = company.client()
    invitation = _invited(owner)
    assert owner.delete(f"/api/invitations/{invitation['id']}").status_int == 204
    _assert_ended(company, invitation)
    assert owner.delete(f"/api/invitations/{invitation['id']}").status_int == 404


def test_sent_again_the_older_link_ends(company: Company) -> None:
    invitation = _invited(company.client(), "admin")
    again = company.client("admin").post(f"/api/invitations/{invitation['id']}/resend")
    assert (again.status_int, again.json["email"], again.json["role"]) == (201, invitation["email"], "admin")
    _assert_ended(company, invitation)
    assert _listed(company)[again.json["id"]]["invited_by"] == company.people["admin"]
    assert _accept(company, again.json).status_int == 201


def test_an_admin_touches_no_invitation_of_an_owner(company: Company) -> None:
    invitation = _invited(company.client(), "owner")
    admin = company.client("admin")
    assert admin.post(f"/api/invitations/{invitation['id']}/resend").status_int == 403
    assert admin.delete(f"/api/invitations/{invitation['id']}").status_int == 403
    assert invitation["id"] in _listed(company)


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_a_demoted_admin_takes_their_invitations_along(company: Company, role: str) -> None:
    invitation = _invited(company.client("admin"), "admin")
    path = f"/api/members/{company.people['admin']}"
    assert company.client().patch(path, {"role": role}).status_int == 200
    _assert_ended(company, invitation)
    assert company.client().patch(path, {"role": "admin"}).status_int == 200
    _assert_ended(company, invitation)


def test_a_removed_admin_takes_their_invitations_along(company: Company) -> None:
    own, others = _invited(company.client("admin"), "admin"), _invited(company.client())
    assert company.client().delete(f"/api/members/{company.people['admin']}").status_int == 204
    _assert_ended(company, own)
    assert _accept(company, others).status_int == 201


def test_an_owner_who_becomes_admin_no_longer_makes_owners(company: Company) -> None:
    (second,) = company.join("owner")
    company.people["second"] = second
    client = company.client("second")
    of_owner, of_member = _invited(client, "owner"), _invited(client, "member")
    assert company.client().patch(f"/api/members/{second}", {"role": "admin"}).status_int == 200
    _assert_ended(company, of_owner)
    assert _accept(company, of_member).status_int == 201


def test_a_login_that_is_shut_takes_its_invitations_along(company: Company) -> None:
    invitation = _invited(company.client("admin"), "admin")
    with company.platform.databases.catalog.begin() as session:
        session.execute(update(Login).where(Login.id == company.people["admin"]).values(is_active=False))
    _assert_ended(company, invitation)


def test_one_address_is_not_invited_without_end(company: Company, south: Company) -> None:
    email = _address()
    clients = [company.client(), south.client()] * INVITATIONS_TO_ADDRESS
    answers = [client.post("/api/members", {"email": email, "role": "viewer"}) for client in clients]
    statuses = [answer.status_int for answer in answers]
    assert statuses.count(201) == INVITATIONS_TO_ADDRESS
    assert set(statuses) == {201, 429}
    assert int(answers[-1].headers["Retry-After"]) > 3600


def test_one_company_does_not_invite_without_end(company: Company) -> None:
    limits, policy = company.platform.identity.rate_limits, company.platform.identity.policy
    client = company.client()
    for _ in range(INVITATIONS_OF_COMPANY):
        limits.count(policy.invitation_of(), company.id)
    assert client.post("/api/members", {"email": _address(), "role": "viewer"}).status_int == 429


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_members_leave_by_themselves(company: Company, role: str) -> None:
    client, path = company.client(role), f"/api/members/{company.people[role]}"
    assert client.delete(path).status_int == 204
    assert client.get("/api").status_int == 401
    assert company.client().get(path).status_int == 404


def test_the_last_owner_does_not_leave(company: Company) -> None:
    owner, path = company.client(), f"/api/members/{company.people['owner']}"
    refused = owner.delete(path)
    assert (refused.status_int, refused.json["code"]) == (409, "last_owner")
    company.join("owner")
    assert owner.delete(path).status_int == 204


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_nobody_without_the_right_removes_others(company: Company, role: str) -> None:
    for other in company.people.values():
        if other != company.people[role]:
            assert company.client(role).delete(f"/api/members/{other}").status_int == 403
