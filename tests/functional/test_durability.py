"""What a write answered is there for everybody else: read back by another process on other connections."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import TestApp

from tests.functional.furnishing import ask, furnish, path_of
from tests.functional.installation import Client, Company
from tests.functional.surface import Endpoint, endpoints, is_of_people

WRITE_NOTHING = {"/api/contacts/preview", "/api/contacts/running-import"}
"""What is of the company itself is in the catalog, or needs an empty one. All have tests of their own."""
WRITES = [
    endpoint
    for endpoint in endpoints()
    if endpoint.method != "GET"
    and not is_of_people(endpoint)
    and endpoint.path not in WRITE_NOTHING
    and not endpoint.path.startswith("/api/company")
]

#: what completing a task did to others, told beside the task
COMPLETED = {"completed_subtasks", "missed", "missed_count", "next_occurrence"}


@pytest.mark.parametrize("endpoint", WRITES, ids=str)
def test_a_write_is_read_back_elsewhere(endpoint: Endpoint, north: Company, second_app: TestApp) -> None:
    furnish(north)
    if endpoint.name == "reopen":
        assert north.client().post("/api/tasks/1/complete").json["status"] == "done"
    before = north.everything()
    path = path_of(endpoint, north)
    answer = ask(north, endpoint, path)
    assert answer.status_int in {200, 201, 204}, answer.text
    assert north.everything() != before
    _check(north.client(app=second_app), endpoint, path, answer)


def _check(elsewhere: Client, endpoint: Endpoint, path: str, answer: Any) -> None:
    own = next((check for is_it, check in _OWN_CHECKS if is_it(endpoint)), None)
    if own is not None:
        own(elsewhere, path, answer)
        return
    if answer.status_int == 204:
        assert elsewhere.get(path.removesuffix("/erase")).status_int == 404
        return
    if endpoint.name == "import":
        assert len(elsewhere.ids("/api/contacts", email="new@example.com")) == answer.json["created"] == 1
        return
    if endpoint.name == "bulk":
        collection = path.removesuffix("/bulk")
        for item in answer.json["created"] + answer.json["updated"] + answer.json["restored"]:
            assert elsewhere.read(f"{collection}/{item['id']}") == item
        for row_id in answer.json["deleted"]:
            assert elsewhere.get(f"{collection}/{row_id}").status_int == 404
        return
    place = answer.headers.get("Location") or path.removesuffix(f"/{endpoint.name}")
    found = elsewhere.get(place)
    told = {name: answer.json[name] for name in answer.json.keys() - found.json.keys()}
    assert told.keys() == (COMPLETED if endpoint.name == "complete" else set())
    assert {**found.json, **told} == answer.json
    assert found.headers["ETag"] == answer.headers["ETag"]


def _check_purged(elsewhere: Client, path: str, _: Any) -> None:
    left = [f"/api/trash/{item['type']}/{item['id']}" for item in elsewhere.read("/api/trash")["items"]]
    assert not [address for address in left if address.startswith(path)]


def _check_told_there(elsewhere: Client, path: str, answer: Any) -> None:
    assert elsewhere.read(path) == answer.json


def _check_undone(elsewhere: Client, _: str, answer: Any) -> None:
    assert answer.json["batch"] in [batch["id"] for batch in elsewhere.read("/api/batches")["items"]]


def _check_done(elsewhere: Client, _: str, answer: Any) -> None:
    assert answer.json == {"count": len(elsewhere.read("/api/notifications", state="done")["items"])}


def _check_listed(elsewhere: Client, _: str, answer: Any) -> None:
    assert answer.json in elsewhere.read("/api/notifications")["items"]


_OWN_CHECKS = (
    (lambda endpoint: endpoint.path.startswith("/api/trash"), _check_purged),
    (
        lambda endpoint: endpoint.name == "watch" or endpoint.path == "/api/profile/notifications",
        _check_told_there,
    ),
    (lambda endpoint: endpoint.name == "undo", _check_undone),
    (lambda endpoint: endpoint.path == "/api/notifications/bulk", _check_done),
    (lambda endpoint: endpoint.path.startswith("/api/notifications"), _check_listed),
)
