"""Projects, their boards, their progress; the trash and what goes there together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.installation import Client, Company


@pytest.fixture
def client(north: Company) -> Client:
    return north.client()


def test_every_field_comes_back_as_it_was_sent(client: Client, north: Company) -> None:
    client.create("/api/contacts", given_name="Anna")
    people = [north.people["member"], north.people["viewer"]]
    sent = {
        "name": "Bridge", "description": "Long", "status": "active", "contact_id": 1, "owner_id": people[0],
        "member_ids": people, "start_on": "2026-01-01", "due_on": "2026-12-31", "budget_minutes": 600,
        "color": "#a1b2c3", "tags": ["x"],
    }  # fmt: skip
    item = client.create("/api/projects", **sent)
    assert {name: item[name] for name in sent} == sent
    assert (item["progress"], item["task_counts"]) == (0, {"total": 0, "open": 0, "done": 0, "overdue": 0})
    assert client.patch("/api/projects/1", sent).json == item


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"due_on": "2025-12-31", "start_on": "2026-01-01"}, "/due_on"), ({"progress": 50}, "/progress"),
        ({"contact_id": 999}, "/contact_id"), ({"owner_id": "u_" + "a" * 26}, "/owner_id"),
        ({"member_ids": ["u_" + "a" * 26]}, "/member_ids"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(body: Any, pointer: str, client: Client) -> None:
    client.create("/api/projects", name="Bridge")
    before = client.read("/api/projects/1")
    for answer in (
        client.post("/api/projects", {"name": "New", **body}),
        client.patch("/api/projects/1", body),
    ):
        assert answer.status_int == 422
        assert [field_error["pointer"] for field_error in answer.json["errors"]] == [pointer]
    assert client.read("/api/projects/1") == before


def test_somebody_who_left_may_stay_named(client: Client, north: Company) -> None:
    (leaver,) = north.join("member")
    client.create("/api/projects", name="Bridge", member_ids=[leaver], owner_id=leaver)
    assert client.delete(f"/api/members/{leaver}").status_int == 204
    both = [leaver, north.people["member"]]
    assert client.patch("/api/projects/1", {"member_ids": both, "name": "Bridges"}).status_int == 200
    assert client.post("/api/projects", {"name": "Other", "owner_id": leaver}).status_int == 422


def test_progress_follows_the_tasks_and_so_does_the_etag(client: Client) -> None:
    client.create("/api/projects", name="Bridge")
    etags = [client.get("/api/projects/1").headers["ETag"]]
    for due in ("2020-01-01", None, None):
        client.create("/api/projects/1/tasks", title="Task", due_on=due)
    client.post("/api/tasks/3/complete")
    found = client.get("/api/projects/1", {"If-None-Match": etags[0]})
    assert found.status_int == 200
    assert found.json["progress"] == 33
    assert found.json["task_counts"] == {"total": 3, "open": 2, "done": 1, "overdue": 1}
    assert found.json["version"] == 1
    client.delete("/api/tasks/1")
    assert client.read("/api/projects/1")["progress"] == 50
    # What was counted elsewhere does not make a write stale.
    assert client.patch("/api/projects/1", {"name": "Bridges"}, {"If-Match": etags[0]}).status_int == 200


def test_a_board_has_three_columns_to_begin_with(client: Client) -> None:
    client.create("/api/projects", name="Bridge")
    columns = client.read("/api/projects/1/columns")["items"]
    assert [(c["name"], c["is_done"]) for c in columns] == [
        ("To do", False), ("In progress", False), ("Done", True)
    ]  # fmt: skip


def test_columns_keep_their_order(client: Client) -> None:
    client.create("/api/projects", name="Bridge")
    new = [{"name": name, "project_id": 1} for name in ("x", "y", "z")]
    made = client.post("/api/columns/bulk", {"create": new}).json["created"]
    assert len({column["position"] for column in made}) == 3
    first = client.create("/api/projects/1/columns", name="First", position=1, color="#ffffff", task_limit=3)
    names = [c["name"] for c in client.read("/api/projects/1/columns")["items"]]
    assert names == ["First", "To do", "In progress", "Done", "x", "y", "z"]
    path = f"/api/columns/{first['id']}"
    assert client.patch(path, {"position": 99999, "task_limit": None}).json["task_limit"] is None
    assert client.ids("/api/projects/1/columns")[-1] == first["id"]
    client.create("/api/projects", name="Other")
    refused = client.patch(path, {"project_id": 2})
    assert (refused.status_int, refused.json["errors"][0]["pointer"]) == (422, "/project_id")


def test_a_column_leaves_its_tasks_in_the_project(client: Client) -> None:
    client.create("/api/projects", name="Bridge")
    task = client.create("/api/projects/1/tasks", title="Task", column_id=1)
    client.delete("/api/columns/1")
    after = client.read("/api/tasks/1")
    assert (after["column_id"], after["project_id"], after["version"]) == (None, 1, task["version"] + 1)
    assert after["updated_at"] > task["updated_at"]


@pytest.fixture
def thrown_away(client: Client) -> Client:
    """A project with a task, its subtask, and a task that was thrown away before it; and then itself."""
    client.create("/api/projects", name="Bridge")
    client.create("/api/projects/1/tasks", title="Top")
    client.create("/api/tasks/1/tasks", title="Sub")
    client.create("/api/projects/1/tasks", title="Before")
    client.delete("/api/tasks/3")
    client.delete("/api/projects/1")
    return client


def test_a_project_takes_its_tasks_and_columns_along(thrown_away: Client, north: Company) -> None:
    for path in (
        "/api/projects/1",
        "/api/tasks/1",
        "/api/tasks/2",
        "/api/columns/1",
        "/api/projects/1/tasks",
    ):
        assert thrown_away.get(path).status_int == 404
    assert north.counts()["live task"] == north.counts()["live board_column"] == 0


def test_a_project_brings_back_what_went_with_it(thrown_away: Client) -> None:
    assert thrown_away.post("/api/projects/1/restore").status_int == 200
    assert thrown_away.ids("/api/projects/1/tasks") == [1, 2]
    assert thrown_away.ids("/api/projects/1/columns") == [1, 2, 3]
    assert thrown_away.get("/api/tasks/3").status_int == 404
    assert thrown_away.post("/api/tasks/3/restore").status_int == 200


@pytest.mark.parametrize("path", ["/api/tasks/1", "/api/tasks/3", "/api/columns/1"])
def test_nothing_comes_back_into_a_project_that_is_gone(path: str, thrown_away: Client) -> None:
    answer = thrown_away.post(f"{path}/restore")
    assert (answer.status_int, answer.json["code"]) == (409, "parent_in_trash")
    assert thrown_away.get(path).status_int == 404


def test_a_task_takes_its_subtasks_along_and_back(client: Client) -> None:
    client.create("/api/tasks", title="Top")
    client.create("/api/tasks/1/tasks", title="Sub")
    client.create("/api/tasks/2/tasks", title="Subsub")
    client.create("/api/tasks/1/tasks", title="Before")
    client.delete("/api/tasks/4")
    client.delete("/api/tasks/1")
    assert client.ids("/api/tasks") == []
    assert client.post("/api/tasks/2/restore").json["code"] == "parent_in_trash"
    client.post("/api/tasks/1/restore")
    assert sorted(client.ids("/api/tasks")) == [1, 2, 3]


def test_the_trash_is_paged_newest_first(client: Client, north: Company) -> None:
    ids = [client.create("/api/contacts", given_name=f"P{n}")["id"] for n in range(7)]
    client.create("/api/tasks", title="T")
    for row_id in ids:
        client.delete(f"/api/contacts/{row_id}")
    client.delete("/api/tasks/1")
    page = client.read("/api/trash", limit=3)
    items = page["items"]
    while page["next"]:
        page = client.read(page["next"])
        items += page["items"]
    assert [item["id"] for item in items] == [1, *reversed(ids)]
    assert items[0] == {
        "type": "task", "id": 1, "name": "T", "deleted_at": items[0]["deleted_at"],
        "deleted_by": north.people["owner"], "along": {},
        "links": {"restore": "/api/tasks/1/restore", "purge": "/api/trash/task/1"},
    }  # fmt: skip
    assert north.client("viewer").get("/api/trash").status_int == 200


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (None, ["To do", "In progress", "Done"]),
        ("de-AT", ["Zu erledigen", "In Arbeit", "Erledigt"]),
        ("fr", ["To do", "In progress", "Done"]),
    ],
)
def test_the_columns_of_a_new_project_are_in_the_company_s_language(
    client: Client, language: str | None, names: list[str]
) -> None:
    assert client.patch("/api/company", {"language": language}).status_int == 200
    client.create("/api/projects", name="Bridge")
    client.post("/api/projects/bulk", {"create": [{"name": "Tunnel"}]})
    # The company is other tests' too.
    assert client.patch("/api/company", {"language": None}).status_int == 200
    for project_id in (1, 2):
        columns = client.read(f"/api/projects/{project_id}/columns", sort="position")["items"]
        assert [column["name"] for column in columns] == names
        assert [column["is_done"] for column in columns] == [False, False, True]
