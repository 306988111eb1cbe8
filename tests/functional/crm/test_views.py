"""Saved views: one's own, and what others share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.installation import Client, Company

OWN = {"name": "Mine", "page": "tasks", "query": {"status": "open", "q": "späť 100%"}}


@pytest.fixture
def member(north: Company) -> Client:
    return north.client("member")


@pytest.fixture
def own(member: Client) -> dict[str, Any]:
    """A view of the member's own."""
    return member.create("/api/views", **OWN)


@pytest.fixture
def shared(member: Client) -> dict[str, Any]:
    """A view that the member shares."""
    return member.create("/api/views", name="Ours", page="contacts", is_shared=True)


def test_a_view_comes_back_as_it_was_sent(own: dict[str, Any], member: Client, north: Company) -> None:
    assert {name: own[name] for name in OWN} == OWN
    assert (own["is_shared"], own["created_by"]) == (False, north.people["member"])
    changed = member.patch(f"/api/views/{own['id']}", {"query": {"status": None, "overdue": "true"}}).json
    assert changed["query"] == {"q": "späť 100%", "overdue": "true"}


@pytest.mark.parametrize("role", ["owner", "admin", "viewer"])
def test_what_is_ones_own_nobody_else_sees(role: str, own: dict[str, Any], north: Company) -> None:
    other, path = north.client(role), f"/api/views/{own['id']}"
    nothing = {"items": [], "next": None, "next_cursor": None, "total": 0}
    assert other.read("/api/views", count=True) == nothing
    assert other.get(path).status_int == 404
    if role != "viewer":
        for answer in (other.patch(path, {"name": "No"}), other.delete(path)):
            assert answer.status_int == 404
        for body in ({"update": [{"id": own["id"], "name": "No"}]}, {"delete": [own["id"]]}):
            answer = other.post("/api/views/bulk", body)
            assert answer.status_int == 422
            assert answer.json["errors"][0]["code"] == "unknown_reference"
    assert north.client("member").read(path) == own


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
def test_what_is_shared_everybody_sees(role: str, shared: dict[str, Any], north: Company) -> None:
    assert north.client(role).read("/api/views")["items"] == [shared]
    assert north.client(role).read(f"/api/views/{shared['id']}") == shared


def test_only_who_shares_a_view_or_manages_the_company_changes_it(
    shared: dict[str, Any], north: Company
) -> None:
    path = f"/api/views/{shared['id']}"
    (somebody,) = north.join("member")
    token = north.platform.identity.tokens.issue(somebody, north.id, 1)
    other = Client(north.app, token)
    refused = [other.patch(path, {"name": "No"}), other.delete(path)]
    refused += [
        other.post("/api/views/bulk", body)
        for body in ({"update": [{"id": shared["id"], "name": "No"}]}, {"delete": [shared["id"]]})
    ]
    assert [(answer.status_int, answer.json["code"]) for answer in refused] == [(403, "shared_by_others")] * 4
    assert other.read(path) == shared
    for role in ("admin", "owner", "member"):
        assert north.client(role).patch(path, {"name": role}).json["name"] == role
    assert north.client("admin").delete(path).status_int == 204
    assert other.post(f"{path}/restore").status_int == 403
    assert north.client("member").post(f"{path}/restore").status_int == 200


def test_a_view_that_is_shared_no_more_is_ones_own_again(shared: dict[str, Any], north: Company) -> None:
    path = f"/api/views/{shared['id']}"
    assert north.client("admin").patch(path, {"is_shared": False}).status_int == 200
    assert north.client("admin").get(path).status_int == 404
    assert north.client("member").read(path)["updated_by"] == north.people["admin"]


def test_a_viewer_saves_nothing(north: Company) -> None:
    assert north.client("viewer").post("/api/views", OWN).status_int == 403


def test_the_trash_shows_ones_own_and_what_was_shared(
    own: dict[str, Any], shared: dict[str, Any], north: Company
) -> None:
    member, viewer = north.client("member"), north.client("viewer")
    assert member.post("/api/views/bulk", {"delete": [own["id"], shared["id"]]}).status_int == 200
    assert [item["name"] for item in viewer.read("/api/trash")["items"]] == ["Ours"]
    mine = member.read("/api/trash")["items"]
    assert {item["name"] for item in mine} == {"Mine", "Ours"}
    assert {item["type"] for item in mine} == {"saved_view"}
    assert north.client("owner").post(f"/api/views/{own['id']}/restore").status_int == 404
    for item in mine:
        assert member.post(item["links"]["restore"]).status_int == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"page": "members"}, "/page"),
        ({"page": None}, "/page"),
        ({"query": {"q": 5}}, "/query/q"),
        ({"query": {"": "x"}}, "/query/"),
        ({"query": {"q": "x" * 2001}}, "/query/q"),
        ({"query": {f"p{n}": "x" for n in range(51)}}, "/query"),
        ({"query": ["q"]}, "/query"),
        ({"query": {"q": "a\x00"}}, "/query/q"),
        ({"is_shared": "yes"}, "/is_shared"),
        ({"name": " "}, "/name"),
    ],
)
def test_what_makes_no_sense_is_refused(body: Any, pointer: str, member: Client) -> None:
    answer = member.post("/api/views", {**OWN, **body})
    assert answer.status_int in {400, 422}
    assert answer.status_int == 400 or any(f["pointer"].startswith(pointer) for f in answer.json["errors"])
    assert member.ids("/api/views") == []


def test_a_version_is_kept(own: dict[str, Any], member: Client) -> None:
    path = f"/api/views/{own['id']}"
    etag = member.get(path).headers["ETag"]
    assert member.patch(path, {"name": "New"}, {"If-Match": etag}).json["version"] == 2
    assert member.patch(path, {"name": "Newer"}, {"If-Match": etag}).status_int == 412
