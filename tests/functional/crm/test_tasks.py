"""Tasks: columns and status, completing, repeating, moving, parents, dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.functional.crm.conftest import SetClock
from tests.functional.installation import Client, Company

TO_DO, DOING, DONE = 1, 2, 3


def _titles(client: Client, path: str = "/api/projects/1/tasks") -> str:
    return "".join(item["title"] for item in client.read(path)["items"])


def _abc(client: Client, letters: str = "abcd", **more: Any) -> dict[str, int]:
    return {letter: client.create("/api/projects/1/tasks", title=letter, **more)["id"] for letter in letters}


def test_every_field_comes_back_as_it_was_sent(client: Client, north: Company) -> None:
    client.create("/api/contacts", given_name="Anna")
    client.create("/api/projects/1/tasks", title="Parent")
    sent = {
        "project_id": 1, "parent_id": 1, "title": "Whole", "description": "# Markdown", "status": "open",
        "column_id": DOING, "position": 7.25, "priority": 4, "assignee_ids": [north.people["member"]],
        "contact_id": 1, "start_on": "2026-01-01", "due_on": "2026-01-02", "due_at": "2026-01-02T10:00:00Z",
        "estimate_minutes": 90, "labels": ["x"], "recurrence": "FREQ=WEEKLY;BYDAY=MO",
    }  # fmt: skip
    item = client.create("/api/tasks", **sent)
    assert {name: item[name] for name in sent} == sent
    assert client.patch(f"/api/tasks/{item['id']}", sent).json == item
    bare = client.patch(
        f"/api/tasks/{item['id']}", {n: None for n in sent if n not in {"title", "status"}}
    ).json
    assert [bare[n] for n in ("parent_id", "column_id", "due_on", "due_at", "recurrence")] == [None] * 5
    assert (bare["project_id"], bare["labels"], bare["assignee_ids"], bare["priority"]) == (None, [], [], 0)


@pytest.mark.parametrize("how", ["action", "patch", "column", "move"])
def test_status_and_column_agree_however_it_is_done(how: str, client: Client) -> None:
    client.create("/api/projects/1/tasks", title="Do", column_id=TO_DO)
    done = {
        "action": lambda: client.post("/api/tasks/1/complete"),
        "patch": lambda: client.patch("/api/tasks/1", {"status": "done"}),
        "column": lambda: client.patch("/api/tasks/1", {"column_id": DONE}),
        "move": lambda: client.post("/api/tasks/1/move", {"column_id": DONE}),
    }[how]().json
    assert (done["status"], done["column_id"]) == ("done", DONE)
    assert abs(datetime.fromisoformat(done["completed_at"]) - datetime.now(UTC)).total_seconds() < 60
    again = {
        "action": lambda: client.post("/api/tasks/1/reopen"),
        "patch": lambda: client.patch("/api/tasks/1", {"status": "open"}),
        "column": lambda: client.patch("/api/tasks/1", {"column_id": TO_DO}),
        "move": lambda: client.post("/api/tasks/1/move", {"column_id": TO_DO}),
    }[how]().json
    assert (again["status"], again["column_id"], again["completed_at"]) == ("open", TO_DO, None)


def test_completing_twice_is_completing_once(client: Client) -> None:
    client.create("/api/tasks", title="Do")
    once = client.post("/api/tasks/1/complete")
    assert client.post("/api/tasks/1/complete").json == once.json
    assert client.post("/api/tasks/1/complete", headers={"If-Match": '"old"'}).status_int == 412


def test_a_task_made_in_a_column_of_done_ones_is_done(client: Client) -> None:
    made = client.create("/api/projects/1/tasks", title="Was", column_id=DONE)
    assert (made["status"], made["completed_at"] is not None) == ("done", True)


@pytest.mark.parametrize("how", ["complete", "patch"])
def test_a_task_that_repeats_leaves_the_next_one(how: str, client: Client, set_clock: SetClock) -> None:
    set_clock("UTC", "2026-01-31T12:00")
    client.create(
        "/api/projects/1/tasks", title="Pay", column_id=DOING, start_on="2026-01-30", due_on="2026-01-31",
        due_at="2026-01-31T10:00:00Z", recurrence="FREQ=MONTHLY;COUNT=3", labels=["rent"],
    )  # fmt: skip
    # A shorter month has its last day instead, and the task remembers which day it is.
    for row_id, due, rule in (
        (1, "2026-01-31", "COUNT=3"),
        (2, "2026-02-28", "COUNT=2;BYMONTHDAY=31"),
        (3, "2026-03-31", "COUNT=1;BYMONTHDAY=31"),
    ):
        item = client.read(f"/api/tasks/{row_id}")
        assert (item["due_on"], item["status"]) == (due, "open")
        assert item["recurrence"] == f"FREQ=MONTHLY;{rule}"
        path = f"/api/tasks/{row_id}"
        done = (
            client.post(f"{path}/complete") if how == "complete" else client.patch(path, {"status": "done"})
        ).json
        assert (done["status"], done["recurrence"]) == ("done", None)
    assert client.get("/api/tasks/4").status_int == 404
    second = client.read("/api/tasks/2")
    assert (second["start_on"], second["due_at"]) == ("2026-02-27", "2026-02-28T10:00:00Z")
    assert (second["labels"], second["project_id"]) == (["rent"], 1)
    assert sorted(client.ids("/api/tasks", q="pay")) == [1, 2, 3]


def test_a_task_repeats_though_what_it_is_about_is_gone(client: Client, set_clock: SetClock) -> None:
    set_clock("UTC", "2026-01-01T12:00")
    client.create("/api/contacts", given_name="Anna")
    client.create("/api/tasks", title="Call", contact_id=1, due_on="2026-01-01", recurrence="FREQ=DAILY")
    client.delete("/api/contacts/1")
    assert client.post("/api/tasks/1/complete").status_int == 200
    assert client.read("/api/tasks/2")["due_on"] == "2026-01-02"


def test_a_task_repeats_to_the_end_of_the_calendar(client: Client) -> None:
    client.create(
        "/api/tasks",
        title="Last",
        due_on="9999-12-30",
        due_at="9999-12-31T00:00:00Z",
        recurrence="FREQ=DAILY",
    )
    assert client.post("/api/tasks/1/complete").status_int == 200


@pytest.mark.parametrize(
    ("moved", "where", "order"),
    [
        ("d", {"before": "a"}, "dabc"), ("d", {"before": "b"}, "adbc"), ("a", {"after": "d"}, "bcda"),
        ("a", {"after": "b"}, "bacd"), ("b", {"before": "d"}, "acbd"), ("c", {"after": "a"}, "acbd"),
    ],
)  # fmt: skip
def test_a_task_moves_beside_another(moved: str, where: dict[str, str], order: str, client: Client) -> None:
    ids = _abc(client)
    ((side, neighbour),) = where.items()
    answer = client.post(f"/api/tasks/{ids[moved]}/move", {side: ids[neighbour]})
    assert answer.status_int == 200
    assert _titles(client) == order


def test_there_is_always_room_between(client: Client) -> None:
    ids = _abc(client, "abc")
    for turn in range(120):
        moved, neighbour = ("c", "b") if turn % 2 else ("b", "c")
        assert client.post(f"/api/tasks/{ids[moved]}/move", {"after": ids["a"]}).status_int == 200
        assert _titles(client) == f"a{moved}{neighbour}"


@pytest.mark.parametrize("position", [5.0, 1e12, -1e12])
def test_tasks_at_one_position_can_be_moved_between(position: float, client: Client) -> None:
    ids = _abc(client, "abc", position=position)
    assert client.post(f"/api/tasks/{ids['c']}/move", {"before": ids["b"]}).status_int == 200
    assert _titles(client) == "acb"
    ids["d"] = client.create("/api/projects/1/tasks", title="d")["id"]
    assert client.post(f"/api/tasks/{ids['d']}/move", {"before": ids["a"]}).status_int == 200
    assert _titles(client) == "dacb"
    assert client.patch(f"/api/tasks/{ids['b']}", {"priority": 1}).status_int == 200


def test_a_renumbered_task_is_a_version_further(client: Client) -> None:
    ids = _abc(client, "abc", position=1)
    etag = client.get(f"/api/tasks/{ids['a']}").headers["ETag"]
    client.post(f"/api/tasks/{ids['c']}/move", {"before": ids["b"]})
    assert client.get(f"/api/tasks/{ids['a']}", {"If-None-Match": etag}).status_int == 200


def test_a_move_to_another_project_takes_subtasks_along(client: Client) -> None:
    client.create("/api/projects/1/tasks", title="Top", column_id=TO_DO)
    client.create("/api/tasks/1/tasks", title="Sub", project_id=1, column_id=DOING)
    client.create("/api/tasks/2/tasks", title="Subsub")
    before = client.read("/api/tasks/3")
    moved = client.post("/api/tasks/1/move", {"project_id": 2}).json
    assert (moved["project_id"], moved["column_id"]) == (2, 4)
    for row_id in (2, 3):
        below = client.read(f"/api/tasks/{row_id}")
        assert (below["project_id"], below["column_id"]) == (2, 4)
    assert client.read("/api/tasks/3")["version"] == before["version"] + 1
    assert client.read("/api/tasks/3")["updated_at"] > before["updated_at"]
    assert client.post("/api/tasks/2/move", {"project_id": None}).json["project_id"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"before": 1}, "/before"), ({"after": 3}, "/after"), ({"after": 999}, "/after"), ({"before": 2, "after": 2}, "/after"),
        ({"column_id": 4}, "/column_id"), ({"column_id": 999}, "/column_id"), ({"project_id": 999}, "/project_id"),
        ({"project_id": "1"}, "/project_id"), ({"nonsense": 1}, "/nonsense"), ({"project_id": 2, "after": 2}, "/after"),
    ],
)  # fmt: skip
def test_a_move_to_nowhere_is_refused(body: Any, pointer: str, client: Client) -> None:
    _abc(client, "ab")
    client.create("/api/projects/2/tasks", title="other")
    before = client.read("/api/tasks")
    answer = client.post("/api/tasks/1/move", body)
    assert answer.status_int == 422
    assert pointer in [field_error["pointer"] for field_error in answer.json["errors"]]
    assert client.read("/api/tasks") == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"start_on": "2026-02-02", "due_on": "2026-02-01"}, "/due_on"), ({"due_at": "2026-01-01T00:00:00"}, "/due_at"),
        ({"estimate_minutes": 2**31}, "/estimate_minutes"), ({"title": None}, "/title"), ({"labels": [1]}, "/labels/0"),
        ({"column_id": 1}, "/column_id"), ({"project_id": 1, "column_id": 4}, "/column_id"), ({"parent_id": 999}, "/parent_id"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(body: Any, pointer: str, client: Client) -> None:
    task = client.create("/api/tasks", title="Call")
    for answer in (
        client.post("/api/tasks", {"title": "New", **body}),
        client.patch(f"/api/tasks/{task['id']}", body),
        client.post("/api/tasks/bulk", {"update": [{"id": task["id"], **body}]}),
    ):
        assert answer.status_int == 422
        assert any(field_error["pointer"].endswith(pointer) for field_error in answer.json["errors"])
    assert client.ids("/api/tasks") == [task["id"]]
    assert client.read(f"/api/tasks/{task['id']}") == task
