"""Many rows at once: all of them or none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.furnishing import TRASHED, furnish
from tests.functional.installation import Client, Company

NEW: dict[str, dict[str, Any]] = {
    "contacts": {"given_name": "New"},
    "projects": {"name": "New"},
    "columns": {"name": "New", "project_id": 1},
    "tasks": {"title": "New"},
    "entries": {"body": "New", "subject_type": "project", "subject_id": 1},
    "views": {"name": "New", "page": "contacts", "is_shared": True},
}

TITLES = {"tasks": "title", "entries": "body"}


@pytest.fixture(params=sorted(NEW))
def noun(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def company(north: Company) -> Company:
    furnish(north)
    return north


@pytest.fixture
def client(company: Company) -> Client:
    return company.client()


def test_everything_is_done_in_one_request(noun: str, client: Client) -> None:
    title = TITLES.get(noun, "name")
    body = {"create": [NEW[noun]] * 3, "update": [{"id": 1, title: "Changed"}], "delete": [2]}
    done = client.post(f"/api/{noun}/bulk", body)
    assert done.status_int == 200
    answer = done.json
    assert (len(answer["created"]), answer["deleted"]) == (3, [2])
    assert [(item["id"], item[title], item["version"]) for item in answer["updated"]] == [(1, "Changed", 2)]
    for item in answer["created"] + answer["updated"]:
        assert client.read(f"/api/{noun}/{item['id']}") == item
    assert client.get(f"/api/{noun}/2").status_int == 404


@pytest.mark.parametrize(
    ("body", "field_errors"),
    [
        ({"create": [{}, {"nonsense": 1}], "update": [], "delete": []}, ["/create/0", "/create/1"]),
        ({"update": [{"id": 1, "version": 5}]}, ["/update/0/version"]),
        ({"update": [{"id": 999}]}, ["/update/0"]),
        (
            {"update": [{}, {"id": "1"}, {"id": True}, {"id": 0}, {"id": 2**63}, 5]},
            [f"/update/{n}/id" for n in range(6)],
        ),
        ({"update": [{"id": 1}, {"id": 1}], "delete": [1]}, ["/update/1/id", "/delete/0"]),
        ({"delete": [999, 1]}, ["/delete/0"]),
        ({"delete": ["1", None, 1.5, -1]}, [f"/delete/{n}" for n in range(4)]),
        ({"restore": [1, 999]}, ["/restore/0", "/restore/1"]),
        ({"restore": ["1", None, 1.5, -1]}, [f"/restore/{n}" for n in range(4)]),
        ({"delete": [1], "restore": [1, 1]}, ["/restore/0", "/restore/1"]),
        ({"restore": list(range(1, 1002))}, [""]),
        (
            {"create": {}, "update": 5, "delete": None, "restore": {}},
            ["/create", "/update", "/delete", "/restore"],
        ),
        ({"create": [5, None, []]}, ["/create/0", "/create/1", "/create/2"]),
        ({"nonsense": [], "a/b": 1}, ["/a~1b", "/nonsense"]),
        ({"delete": list(range(1, 1002))}, [""]),
        ([], [""]),
        (None, [""]),
    ],
)
def test_one_fault_undoes_all(noun: str, body: Any, field_errors: list[str], company: Company) -> None:
    before = company.counts()
    if isinstance(body, dict) and "create" not in body:
        body = {"create": [NEW[noun]], **body}
    answer = company.client().raw(
        "POST", f"/api/{noun}/bulk", _json(body), {"Content-Type": "application/json"}
    )
    assert answer.status_int == 422
    pointers = [field_error["pointer"] for field_error in answer.json["errors"]]
    assert all(any(pointer.startswith(expected) for pointer in pointers) for expected in field_errors)
    assert company.counts() == before


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def test_every_row_with_a_fault_is_told(company: Company) -> None:
    before = company.counts()
    wrong = {"title": "New", "project_id": 999}
    body = {"create": [wrong, {"title": "Good"}, {**wrong, "contact_id": 999}]}
    field_errors = company.client().post("/api/tasks/bulk", body).json["errors"]
    assert [field_error["pointer"] for field_error in field_errors] == [
        "/create/0/project_id", "/create/2/project_id", "/create/2/contact_id",
    ]  # fmt: skip
    body = {"update": [{"id": 1, "contact_id": 999}, {"id": 2, "assignee_ids": ["u_" + "a" * 26]}]}
    field_errors = company.client().post("/api/tasks/bulk", body).json["errors"]
    assert [field_error["pointer"] for field_error in field_errors] == [
        "/update/0/contact_id",
        "/update/1/assignee_ids",
    ]
    assert company.counts() == before


def test_a_fault_in_what_is_done_last_undoes_what_was_done_first(company: Company) -> None:
    before, item = company.counts(), company.client().read("/api/tasks/1")
    body = {"create": [{"title": "New"}], "update": [{"id": 1, "title": "Changed"}], "delete": [999]}
    assert company.client().post("/api/tasks/bulk", body).status_int == 422
    assert company.counts() == before
    assert company.client().read("/api/tasks/1") == item


def test_nothing_to_do_is_done(noun: str, client: Client) -> None:
    for body in ({}, {"create": [], "update": [], "delete": []}):
        assert client.post(f"/api/{noun}/bulk", body).json == {
            "created": [], "updated": [], "deleted": [], "restored": [], "batch_id": None,
        }  # fmt: skip


def test_a_thousand_rows_at_once(company: Company) -> None:
    body = {"create": [{"given_name": f"P{n}", "owner_id": company.people["member"]} for n in range(1000)]}
    made = company.client().post("/api/contacts/bulk", body)
    assert made.status_int == 200
    assert len(made.json["created"]) == 1000
    ids = [item["id"] for item in made.json["created"]]
    patches = [{"id": row_id, "note": "All"} for row_id in ids]
    assert company.client().post("/api/contacts/bulk", {"update": patches}).status_int == 200
    assert company.rows("SELECT count(*) FROM contact WHERE note = 'All' AND version = 2") == [(1000,)]
    assert company.client().post("/api/contacts/bulk", {"delete": ids}).status_int == 200


def test_a_parent_and_its_subtask_are_thrown_away_together(client: Client) -> None:
    assert client.post("/api/tasks/bulk", {"delete": [2, 1]}).status_int == 200
    assert client.post("/api/tasks/1/restore").status_int == 200
    assert client.get("/api/tasks/2").status_int == 200


def test_what_was_thrown_away_at_once_comes_back_at_once(noun: str, company: Company) -> None:
    client = company.client()
    path, before = f"/api/{noun}/bulk", client.ids(f"/api/{noun}", limit=1000, sort="created_at")
    assert client.post(path, {"delete": before}).status_int == 200
    assert client.ids(f"/api/{noun}") == []
    done = company.client("admin").post(path, {"restore": before})
    assert done.status_int == 200, done.text
    assert [item["id"] for item in done.json["restored"]] == before
    assert client.ids(f"/api/{noun}", limit=1000, sort="created_at") == before
    for item in done.json["restored"]:
        assert client.read(f"/api/{noun}/{item['id']}") == item
        assert item["updated_by"] == company.people["admin"]


def test_restoring_goes_with_everything_else(noun: str, client: Client) -> None:
    title = TITLES.get(noun, "name")
    body = {"restore": [TRASHED[noun]], "update": [{"id": 1, title: "Changed"}], "delete": [2]}
    done = client.post(f"/api/{noun}/bulk", body).json
    assert [item["id"] for item in done["restored"]] == [TRASHED[noun]]
    assert client.get(f"/api/{noun}/{TRASHED[noun]}").status_int == 200
    assert client.get(f"/api/{noun}/2").status_int == 404


@pytest.mark.parametrize("ids", [[1, 2], [2, 1]])
def test_a_parent_and_its_subtask_come_back_together(ids: list[int], client: Client) -> None:
    client.post("/api/tasks/bulk", {"delete": [1]})
    done = client.post("/api/tasks/bulk", {"restore": ids})
    assert [item["id"] for item in done.json["restored"]] == ids
    assert [client.read(f"/api/tasks/{row_id}") for row_id in ids] == done.json["restored"]


def test_what_cannot_come_back_is_told_and_nothing_does(company: Company) -> None:
    client = company.client()
    client.create("/api/tasks", title="Alone")
    client.delete("/api/tasks/4")
    client.delete("/api/projects/1")
    before = company.counts()
    answer = client.post("/api/tasks/bulk", {"restore": [4, 2, 1]})
    assert answer.status_int == 422
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [
        ("/restore/2", "parent_in_trash"), ("/restore/1", "parent_in_trash"),
    ]  # fmt: skip
    assert company.counts() == before
