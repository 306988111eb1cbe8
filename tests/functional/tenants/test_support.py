"""Support access: an identity of its own, for as long as an owner wants it, that leaves its name on what it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from webtest import TestApp

from crmtenant.api.docs.surface import Operation
from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.support import SupportGrant, SupportVisit
from crmtenant.permissions import ROLE_PERMISSIONS, SUPPORT_PERMISSIONS, Permission
from crmtenant.platform import Platform
from tests.clock import Clock
from tests.functional.furnishing import forget_requests
from tests.functional.installation import Client, Company
from tests.functional.requests_of_surface import ABSENT, OPERATIONS, address_of, name_of
from tests.functional.surface import endpoints, with_absent_id

ASK = {"role": "admin", "reason": "The import stops", "hours": 3}


@pytest.fixture
def north(north: Company) -> Company:
    forget_requests(north)
    return north


def granted(company: Company, **changes: Any) -> str:
    grant_id: str = company.client().create("/api/company/support", **{**ASK, **changes})["id"]
    return grant_id


def link_of(company: Company) -> str:
    link = company.platform.identity.support_visits.prepare(company.id, operator="Mara", ticket="123")
    assert link is not None
    return link.token


def entered(company: Company, app: TestApp | None = None, **changes: Any) -> tuple[Client, dict[str, Any]]:
    """A client of an operator who is in the company, and the answer that let them in."""
    granted(company, **changes)
    app = app or company.app
    opened = Client(app, None).post("/api/sessions/support", {"token": link_of(company), "transport": "body"})
    assert opened.status_int == 201, opened.text
    return Client(app, opened.json["access_token"]), opened.json


def test_an_operator_is_somebody_of_their_own_and_what_they_do_is_theirs(north: Company) -> None:
    support, opened = entered(north)
    assert opened["user"]["name"] == "Support (Mara)"
    assert opened["role"] == "admin"
    assert [company["id"] for company in opened["companies"]] == [north.id]
    who = support.read("/api")
    assert (who["via"], who["user"]["id"][:2]) == ("support", "s_")
    contact = support.create("/api/contacts", given_name="Ada")
    assert contact["created_by"] == contact["updated_by"] == who["user"]["id"]
    happened = north.client().read("/api/activity")["items"][0]
    assert (happened["verb"], happened["by"]) == ("created", who["user"]["id"])
    (visit,) = north.client("viewer").read("/api/company/support")["items"][0]["visits"]
    assert (visit["id"], visit["name"], visit["is_there"]) == (who["user"]["id"], "Support (Mara)", True)


def test_support_gives_nothing_out_and_lets_nobody_in(north: Company) -> None:
    """Every endpoint, as an administrator's support."""
    support, _ = entered(north)
    for endpoint in endpoints():
        body = b"" if endpoint.method in {"GET", "DELETE"} else b"[]"
        path = with_absent_id(endpoint.path)
        answer = support.raw(endpoint.method, path, body, {"Content-Type": "application/json"})
        may = (
            endpoint.permission in SUPPORT_PERMISSIONS["admin"]
            and str(endpoint) != "DELETE /api/members/{id}"
        )
        assert (answer.status_int == 403) is not may, f"{endpoint} {answer.status_int}"
    for name in ("export", "import", "delete", "copy"):
        assert f"company:{name}" not in SUPPORT_PERMISSIONS["admin"]
    # What no activity lists would be done unseen.
    unlisted = {Permission.COMPANY_WRITE, Permission.VIEW_WRITE, Permission.VIEW_MANAGE}
    assert not SUPPORT_PERMISSIONS["admin"] & {Permission.MEMBER_WRITE, *unlisted}
    assert SUPPORT_PERMISSIONS["viewer"] <= ROLE_PERMISSIONS["viewer"]


OWN = [one for one in OPERATIONS if one.is_public and "bearer" in (one.options["security"] or ())]


@pytest.mark.parametrize("operation", OWN, ids=name_of)
def test_support_has_no_login(operation: Operation, north: Company) -> None:
    """Whatever a person does about themselves, but for signing out."""
    support, _ = entered(north)
    ids = ABSENT | {"session_id": "f_" + "b" * 26}
    body = b'{"company": "south", "current_password": "x", "new_password": "seven green umbrellas"}'
    is_sent = operation.options["body"] is not None
    headers = {"Content-Type": "application/json"} if is_sent else {}
    answer = support.raw(operation.method, address_of(operation, ids), body if is_sent else b"", headers)
    if operation.options["operation"] == "sign_out":
        assert answer.status_int == 204
    else:
        assert (answer.status_int, answer.json["code"]) == (403, "not_for_support")


def test_support_grants_no_support(north: Company) -> None:
    support, _ = entered(north)
    assert support.post("/api/company/support", ASK).status_int == 403
    (grant,) = support.read("/api/company/support")["items"]
    assert support.delete(f"/api/company/support/{grant['id']}").status_int == 403


def test_support_is_nobody_to_give_work_to(north: Company) -> None:
    support, opened = entered(north)
    me = opened["user"]["id"]
    for path, body in (
        ("/api/tasks", {"title": "Mine", "assignee_ids": [me]}),
        ("/api/contacts", {"given_name": "Mine", "owner_id": me}),
        ("/api/projects", {"name": "Mine", "owner_id": me}),
        ("/api/projects", {"name": "Mine", "member_ids": [me]}),
    ):
        answer = support.post(path, body)
        assert answer.status_int == 422, path
        assert answer.json["errors"][0]["code"] == "unknown_member"
        # Nor for anybody else.
        assert north.client().post(path, body).status_int == 422
    assert support.read("/api/tasks", assignee_id=me)["items"] == []


def test_what_support_did_can_be_listed_and_goes_along_in_an_export(north: Company, south: Company) -> None:
    support, opened = entered(north)
    support.create("/api/contacts", given_name="Ada")
    did = north.client().read("/api/activity", by=opened["user"]["id"])["items"]
    assert [one["title"] for one in did] == ["Ada"]
    exported = north.client().get("/api/company/export")
    brought = south.client().raw(
        "POST", "/api/company/import", exported.body, {"Content-Type": "application/zip"}
    )
    assert brought.status_int == 200, brought.text


def test_a_viewer_looks_only(north: Company) -> None:
    support, _ = entered(north, role="viewer")
    assert support.get("/api/contacts").status_int == 200
    assert support.post("/api/contacts", {"given_name": "Ada"}).status_int == 403


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_only_owners_grant_and_revoke(role: str, north: Company) -> None:
    assert north.client(role).post("/api/company/support", ASK).status_int == 403
    grant_id = granted(north)
    assert north.client(role).delete(f"/api/company/support/{grant_id}").status_int == 403


def test_revoking_throws_out_here_at_once_and_elsewhere_within_a_second(
    north: Company, second_app: TestApp, clock: Clock
) -> None:
    support, opened = entered(north)
    elsewhere = Client(second_app, support.token)
    assert elsewhere.get("/api/contacts").status_int == 200
    (grant,) = north.client().read("/api/company/support")["items"]
    assert north.client().delete(f"/api/company/support/{grant['id']}").status_int == 204
    assert support.get("/api/contacts").status_int == 401
    clock.put_forward(1)
    assert elsewhere.get("/api/contacts").status_int == 401
    refreshed = support.post("/api/sessions/refresh", {"refresh_token": opened["refresh_token"]})
    assert (refreshed.status_int, refreshed.json["code"]) == (401, "invalid_refresh_token")
    (grant,) = north.client().read("/api/company/support")["items"]
    assert (grant["is_open"], grant["visits"][0]["is_there"]) == (False, False)


def test_it_ends_with_the_grant(north: Company, clock: Clock) -> None:
    support, opened = entered(north)
    refreshed = support.post("/api/sessions/refresh", {"refresh_token": opened["refresh_token"]})
    assert refreshed.status_int == 201
    with north.platform.databases.catalog.begin() as session:
        session.query(SupportGrant).filter_by(tenant_id=north.id).update(
            {"until": now() - timedelta(seconds=1)}
        )
    clock.put_forward(1)
    assert support.get("/api/contacts").status_int == 401
    token = refreshed.json["refresh_token"]
    assert support.post("/api/sessions/refresh", {"refresh_token": token}).status_int == 401


def test_a_refresh_token_that_two_know_ends_the_visit(north: Company) -> None:
    support, opened = entered(north)
    first = opened["refresh_token"]
    second = support.post("/api/sessions/refresh", {"refresh_token": first}).json["refresh_token"]
    again = support.post("/api/sessions/refresh", {"refresh_token": first})
    assert (again.status_int, again.json["code"]) == (409, "refresh_in_progress")
    with north.platform.databases.catalog.begin() as session:
        session.query(SupportVisit).filter_by(tenant_id=north.id).update(
            {"rotated_at": now() - timedelta(minutes=1)}
        )
    assert support.post("/api/sessions/refresh", {"refresh_token": first}).status_int == 401
    assert support.post("/api/sessions/refresh", {"refresh_token": second}).status_int == 401
    assert support.get("/api").status_int == 401


def test_signing_out_ends_the_visit(north: Company) -> None:
    support, _ = entered(north)
    assert support.delete("/api/sessions/current").status_int == 204
    assert support.get("/api").status_int == 401


@pytest.mark.parametrize("how", ["used", "old", "revoked", "wrong", "long"])
def test_a_link_opens_once_and_soon(how: str, north: Company, anonymous: Client) -> None:
    grant_id = granted(north)
    token = link_of(north)
    if how == "used":
        assert anonymous.post("/api/sessions/support", {"token": token}).status_int == 201
    if how == "old":
        with north.platform.databases.catalog.begin() as session:
            session.query(SupportVisit).filter_by(tenant_id=north.id).update({"link_until": now()})
    if how == "revoked":
        north.client().delete(f"/api/company/support/{grant_id}")
    if how in {"wrong", "long"}:
        token = "x" * (43 if how == "wrong" else 5000)
    answer = anonymous.post("/api/sessions/support", {"token": token})
    assert (answer.status_int, answer.json["code"]) == (401, "invalid_support_link")


def test_a_visit_opens_no_other_company(north: Company, south: Company) -> None:
    _, opened = entered(north)
    foreign = north.platform.identity.tokens.issue(opened["user"]["id"], south.id, 1)
    assert Client(north.app, foreign).get("/api/contacts").status_int == 401


def test_one_grant_at_a_time_of_at_most_three_days(north: Company) -> None:
    owner = north.client()
    for wrong in ({"hours": 73}, {"hours": 0}, {"role": "owner"}, {"reason": ""}):
        assert owner.post("/api/company/support", {**ASK, **wrong}).status_int == 422
    granted(north)
    again = owner.post("/api/company/support", ASK)
    assert (again.status_int, again.json["code"]) == (409, "support_granted")


def test_nobody_enters_without_a_grant(north: Company) -> None:
    assert north.platform.identity.support_visits.prepare(north.id, operator="Mara", ticket="1") is None


def test_breaking_the_glass_takes_two_operators_and_tells_the_owners(
    north: Company, platforms: Callable[..., Platform]
) -> None:
    room = platforms(mail_url="shown").identity
    asked = {"role": "viewer", "reason": "The disk is full", "hours": 2}
    code = room.break_glass.ask(north.id, operator="mara", **asked)
    assert room.support_visits.prepare(north.id, operator="mara", ticket="1") is None
    assert north.client().read("/api/company/support")["items"] == []
    with pytest.raises(OperatorError, match="Another operator"):
        room.break_glass.confirm(code, operator="mara")
    with pytest.raises(OperatorError, match="not known"):
        room.break_glass.confirm("nonsense", operator="ben")
    confirmed = room.break_glass.confirm(code, operator="ben")
    members = north.client().read("/api/members")["items"]
    assert confirmed.mails == len([one for one in members if one["role"] == "owner"])
    with pytest.raises(OperatorError, match="confirmed already"):
        room.break_glass.confirm(code, operator="ben")
    mail = next(one for one in north.platform.mail_previews.newest(50) if north.name in one.subject)
    assert "mara, ben" in mail.text
    assert "The disk is full" in mail.text
    assert room.support_visits.prepare(north.id, operator="mara", ticket="1") is not None
    (grant,) = north.client().read("/api/company/support")["items"]
    assert (grant["granted_by"], grant["is_open"]) == (None, True)
    assert north.client().delete(f"/api/company/support/{grant['id']}").status_int == 204
    assert room.support_visits.prepare(north.id, operator="mara", ticket="1") is None


def test_a_code_that_is_too_old_confirms_nothing(north: Company) -> None:
    room = north.platform.identity
    code = room.break_glass.ask(north.id, operator="mara", role="viewer", reason="Late", hours=1)
    with north.platform.databases.catalog.begin() as session:
        session.query(SupportGrant).filter_by(tenant_id=north.id).update(
            {"created_at": now() - timedelta(minutes=16)}
        )
    with pytest.raises(OperatorError, match="too old"):
        room.break_glass.confirm(code, operator="ben")
