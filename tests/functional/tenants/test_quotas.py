"""Beyond a quota nothing is added, and everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.models.catalog.usage import QUOTAS
from crmtenant.platform import Platform
from crmtenant.services.entities import idempotency
from crmtenant.worker import measuring_of
from tests.functional.installation import Client, Company
from tests.functional.wire import Recorder, verbs_of_a_new_contact

SetQuota = Callable[..., None]
ALL = frozenset(QUOTAS)


@pytest.fixture
def quota(platform: Platform, north: Company) -> Iterator[SetQuota]:
    """Gives North quotas, after measuring it; at the end it has none again."""

    def give(**own: int | None) -> None:
        measuring_of(platform).measure(north.id)
        platform.identity.quotas.set(north.id, own, frozenset())

    yield give
    platform.identity.quotas.set(north.id, {}, ALL)
    north.empty()
    measuring_of(platform).measure(north.id)
    platform.identity.access.forget_company(north.id)


def refused(answer: Any, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_int == status, answer.text
    assert answer.json["code"] == "quota_exceeded"
    told: dict[str, Any] = answer.json["quota"]
    assert told["kind"] == kind
    return told


def test_rows_beyond_the_quota_are_refused_and_the_rest_goes_on(owner: Client, quota: SetQuota) -> None:
    quota(rows=2)
    first = owner.create("/api/contacts", given_name="Anna")
    owner.create("/api/projects", name="House")
    path = f"/api/contacts/{first['id']}"
    answer = owner.post("/api/contacts", {"given_name": "Ben"})
    assert refused(answer, 403, "rows") == {"kind": "rows", "used": 2, "limit": 2}
    refused(owner.post("/api/tasks", {"title": "Call"}), 403, "rows")
    assert owner.patch(path, {"note": "still changed"}).status_int == 200
    assert owner.get("/api/contacts/export", format="csv").status_int == 200
    assert owner.get("/api/company/export").status_int == 200
    assert owner.ids("/api/contacts") == [first["id"]]
    assert owner.delete(path).status_int == 204
    owner.create("/api/contacts", given_name="Ben")
    refused(owner.post("/api/contacts", {"given_name": "Cleo"}), 403, "rows")
    assert owner.post(f"{path}/restore").status_int == 200


def test_deleting_and_restoring_does_not_make_room(owner: Client, quota: SetQuota) -> None:
    quota(rows=1)
    path = f"/api/contacts/{owner.create('/api/contacts', given_name='Anna')['id']}"
    for _ in range(3):
        owner.delete(path)
        owner.post(f"{path}/restore")
    refused(owner.post("/api/contacts", {"given_name": "Ben"}), 403, "rows")


@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [
        (
            "/api/contacts/bulk",
            "application/json",
            json.dumps({"create": [{"given_name": "A"}] * 3}).encode(),
        ),
        ("/api/contacts/import", "text/csv", b"First Name,E-mail\nA,a@x.de\nB,b@x.de\nC,c@x.de\n"),
    ],
)
def test_many_are_refused_as_a_whole(
    path: str, media_type: str, body: bytes, owner: Client, north: Company, quota: SetQuota
) -> None:
    quota(rows=2)
    headers = {"Content-Type": media_type}
    refused(owner.raw("POST", path, body, headers), 403, "rows")
    assert north.counts()["contact"] == 0
    quota(rows=3)
    assert owner.raw("POST", path, body, headers).status_int == 200
    assert north.counts()["contact"] == 3


def test_a_dry_run_takes_no_room(owner: Client, quota: SetQuota) -> None:
    quota(rows=1)
    headers = {"Content-Type": "text/csv"}
    for _ in range(3):
        csv = b"First Name,E-mail\nA,a@x.de\n"
        assert owner.raw("POST", "/api/contacts/import?dry_run=true", csv, headers).status_int == 200
    owner.create("/api/contacts", given_name="Anna")
    nothing_new = owner.raw("POST", "/api/contacts/import", b"First Name\nAnna\n", headers)
    assert nothing_new.json["created"] == 0, nothing_new.text


def test_a_whole_company_is_not_imported_beyond_the_quota(
    owner: Client, north: Company, south: Company, quota: SetQuota
) -> None:
    for name in ("Anna", "Ben"):
        south.client().create("/api/contacts", given_name=name)
    file = south.client().get("/api/company/export").body
    quota(rows=1)
    refused(owner.raw("POST", "/api/company/import", file, {"Content-Type": "application/zip"}), 403, "rows")
    assert north.counts()["contact"] == 0


def test_what_failed_takes_no_room(owner: Client, quota: SetQuota, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(rows=1)
    assert owner.post("/api/contacts", {"given_name": "A", "owner_id": "u_nobody"}).status_int == 422
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "keep", _too_late)
        answer = owner.post("/api/contacts", {"given_name": "A"}, {"Idempotency-Key": "late"})
    assert answer.status_int == 500
    owner.create("/api/contacts", given_name="Anna")


def _too_late(*_: object) -> None:
    raise RuntimeError


def test_a_repeated_request_gets_its_answer_at_the_quota_too(owner: Client, quota: SetQuota) -> None:
    quota(rows=1)
    headers = {"Idempotency-Key": "once"}
    made = owner.post("/api/contacts", {"given_name": "Anna"}, headers)
    again = owner.post("/api/contacts", {"given_name": "Anna"}, headers)
    assert (made.status_int, again.status_int) == (201, 201)
    assert again.json == made.json


def test_bytes_beyond_the_quota_are_refused_and_the_rest_goes_on(owner: Client, quota: SetQuota) -> None:
    contact = owner.create("/api/contacts", given_name="Anna")
    quota(bytes=1_000_000)
    told = refused(owner.post("/api/contacts", {"given_name": "Ben"}), 507, "bytes")
    assert told["used"] > told["limit"] == 1_000_000
    csv = owner.raw("POST", "/api/contacts/import", b"First Name\nA\n", {"Content-Type": "text/csv"})
    refused(csv, 507, "bytes")
    path = f"/api/contacts/{contact['id']}"
    assert owner.patch(path, {"note": "n"}).status_int == 200
    assert owner.delete(path).status_int == 204
    assert owner.post(f"{path}/restore").status_int == 200
    assert owner.get("/api/company/export").status_int == 200


def test_another_company_has_quotas_of_its_own(south: Company, quota: SetQuota) -> None:
    quota(rows=0, bytes=0, seats=1)
    south.client().create("/api/contacts", given_name="Anna")
    assert all(one["limit"] is None for one in south.client().read("/api/company/usage")["quotas"])


def test_nobody_is_invited_beyond_the_seats(owner: Client, quota: SetQuota) -> None:
    before = owner.read("/api/company/usage")
    members, taken = before["members"], before["members"] + before["invited"]
    quota(seats=taken + 1)
    wanted = {"email": "first.seat@example.com", "role": "member"}
    made = owner.post("/api/members", wanted)
    assert made.status_int == 201
    again = owner.post("/api/members", wanted)
    assert again.status_int == 201, "inviting the same address again takes no second seat"
    answer = owner.post("/api/members", {"email": "second.seat@example.com", "role": "member"})
    assert refused(answer, 403, "seats") == {"kind": "seats", "used": taken + 1, "limit": taken + 1}
    seats = owner.read("/api/company/usage")
    assert (seats["members"], seats["invited"]) == (members, before["invited"] + 1)
    quota(seats=members)
    accepted = Client(owner.app, None).post(
        "/api/invitations",
        {"token": again.json["invitation_token"], "name": "Cleo", "password": "seven green umbrellas"},
    )
    refused(accepted, 403, "seats")
    assert owner.read("/api/company/usage")["members"] == members
    assert owner.delete(f"/api/invitations/{again.json['id']}").status_int == 204


def test_the_settings_hold_for_whoever_has_no_quota_of_their_own(
    platforms: Callable[..., Platform], north: Company, quota: SetQuota
) -> None:
    app = TestApp(make_app(platforms(quota_rows=0)), extra_environ={"HTTP_HOST": "localhost"})
    client = north.client(app=app)
    quota()
    refused(client.post("/api/contacts", {"given_name": "Anna"}), 403, "rows")
    quota(rows=None)
    platform = app.app.registry.platform
    platform.identity.access.forget_company(north.id)
    client.create("/api/contacts", given_name="Anna")


def test_a_quota_costs_a_write_no_round_trip(
    owner: Client, north: Company, quota: SetQuota, recorded_app: TestApp, recorder: Recorder
) -> None:
    quota(rows=1000, bytes=10**12)
    client = north.client(app=recorded_app)
    assert verbs_of_a_new_contact(client, recorder) == ["BEGIN", "EXECUTE", "EXECUTE", "COMMIT"]


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("admin", 200), ("member", 403), ("viewer", 403)]
)
def test_usage_is_for_owners_and_administrators(north: Company, role: str, status: int) -> None:
    assert north.client(role).get("/api/company/usage").status_int == status


def test_usage_says_what_there_is_and_may_be(owner: Client, quota: SetQuota) -> None:
    owner.post("/api/contacts/bulk", {"create": [{"given_name": "A"}] * 4})
    owner.delete(f"/api/contacts/{owner.ids('/api/contacts')[0]}")
    quota(rows=4)
    usage = owner.read("/api/company/usage")
    by_kind = {one.pop("kind"): one for one in usage["quotas"]}
    assert by_kind["rows"] == {"used": 3, "limit": 4, "percent": 75}
    assert by_kind["seats"] == {
        "used": usage["members"] + usage["invited"],
        "limit": None,
        "percent": None,
    }
    assert by_kind["bytes"]["used"] > 1_000_000
    assert usage["measured_at"].endswith("Z")
