"""Which column a task comes into that was given none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.installation import Client, Company

TO_DO, DONE, SECOND_TO_DO, SECOND_DONE = 1, 3, 4, 6
BARE, ONLY_DONE = 3, 4
"""A project without columns, and one with nothing but a column of done tasks."""


@pytest.fixture
def client(north: Company) -> Client:
    client = north.client()
    for name in ("First", "Second", "Bare", "Only done"):
        client.create("/api/projects", name=name)
    client.post("/api/columns/bulk", {"delete": [7, 8, 9, 10, 11]})
    return client


def _column(item: dict[str, Any]) -> int | None:
    column_id: int | None = item["column_id"]
    return column_id


def test_a_new_task_comes_into_the_first_column_that_fits(client: Client) -> None:
    nested = client.create("/api/projects/1/tasks", title="Nested")
    named = client.create("/api/tasks", title="Named", project_id=1, column_id=None)
    done = client.create("/api/tasks", title="Done", project_id=1, status="done")
    below = client.create(f"/api/tasks/{nested['id']}/tasks", title="Below")
    assert [_column(item) for item in (nested, named, done, below)] == [TO_DO, TO_DO, DONE, TO_DO]
    assert (done["status"], below["project_id"]) == ("done", 1)


def test_the_first_column_is_the_one_that_stands_first(client: Client) -> None:
    first = client.create("/api/projects/1/columns", name="Ideas", position=1)
    assert _column(client.create("/api/projects/1/tasks", title="New")) == first["id"]
    client.delete(f"/api/columns/{first['id']}")
    assert _column(client.create("/api/projects/1/tasks", title="New")) == TO_DO


def test_in_bulk_every_task_finds_its_column(client: Client) -> None:
    new = [
        {"title": "New", "project_id": 1},
        {"title": "New"},
        {"title": "New", "project_id": 2, "status": "done"},
    ]
    made = client.post("/api/tasks/bulk", {"create": new}).json["created"]
    assert [_column(item) for item in made] == [TO_DO, None, SECOND_DONE]
    moved = [{"id": made[0]["id"], "project_id": 2}, {"id": made[1]["id"], "project_id": 1}]
    changed = client.post("/api/tasks/bulk", {"update": moved}).json["updated"]
    assert [_column(item) for item in changed] == [SECOND_TO_DO, TO_DO]


def test_where_no_column_fits_there_is_none(client: Client) -> None:
    assert _column(client.create(f"/api/projects/{BARE}/tasks", title="New")) is None
    made = client.create(f"/api/projects/{ONLY_DONE}/tasks", title="New")
    assert (_column(made), made["status"]) == (None, "open")
    done = client.create(f"/api/projects/{ONLY_DONE}/tasks", title="Done", status="done")
    assert _column(done) == 12


@pytest.mark.parametrize("how", ["patch", "move"])
@pytest.mark.parametrize(
    ("status", "target", "column_id"),
    [
        ("open", {"project_id": 2}, SECOND_TO_DO),
        ("done", {"project_id": 2}, SECOND_DONE),
        ("open", {"project_id": 2, "column_id": None}, None),
        ("open", {"project_id": 2, "column_id": 5}, 5),
        ("open", {"project_id": BARE}, None),
        ("open", {"project_id": None}, None),
        ("open", {"project_id": 1}, 2),
        ("open", {"column_id": None}, None),
    ],
)
def test_a_task_put_elsewhere_comes_in_by_the_first_column(
    how: str, status: str, target: Any, column_id: int | None, client: Client
) -> None:
    task = client.create("/api/projects/1/tasks", title="Goes", column_id=DONE if status == "done" else 2)
    path = f"/api/tasks/{task['id']}"
    done = client.patch(path, target) if how == "patch" else client.post(f"{path}/move", target)
    assert done.status_int == 200, done.text
    assert (_column(done.json), done.json["status"]) == (column_id, status)
    assert client.read(path) == done.json


def test_a_change_of_something_else_leaves_the_column_alone(client: Client) -> None:
    task = client.create("/api/projects/1/tasks", title="Stays")
    client.patch(f"/api/tasks/{task['id']}", {"column_id": None})
    assert _column(client.patch(f"/api/tasks/{task['id']}", {"title": "Still"}).json) is None


def test_a_done_task_stays_done_on_a_board_without_such_a_column(client: Client) -> None:
    client.delete(f"/api/columns/{SECOND_DONE}")
    task = client.create("/api/projects/1/tasks", title="Done", status="done")
    moved = client.post(f"/api/tasks/{task['id']}/move", {"project_id": 2}).json
    assert (_column(moved), moved["status"]) == (SECOND_TO_DO, "done")
    assert moved["completed_at"] == task["completed_at"]
    further = client.post(f"/api/tasks/{task['id']}/move", {"column_id": 5}).json
    assert (_column(further), further["status"]) == (5, "done")


def test_subtasks_come_along_into_columns_that_fit_them(client: Client) -> None:
    top = client.create("/api/projects/1/tasks", title="Top")
    open_one = client.create(f"/api/tasks/{top['id']}/tasks", title="Open")
    done_one = client.create(f"/api/tasks/{top['id']}/tasks", title="Done", status="done")
    client.patch(f"/api/tasks/{top['id']}", {"project_id": 2})
    found = [client.read(f"/api/tasks/{item['id']}") for item in (open_one, done_one)]
    assert [(item["project_id"], _column(item)) for item in found] == [(2, SECOND_TO_DO), (2, SECOND_DONE)]


def test_a_project_that_is_not_there_is_told(client: Client) -> None:
    for body in ({"project_id": 999}, {"project_id": 999, "column_id": TO_DO}):
        answer = client.post("/api/tasks", {"title": "New", **body})
        assert "/project_id" in [field_error["pointer"] for field_error in answer.json["errors"]]
