"""What rests, rests everywhere; a restored column has its tasks again; who left hands over."""

from __future__ import annotations

import pytest

from tests.functional.installation import Client, Company

TO_DO, DOING, DONE = 1, 2, 3


@pytest.mark.parametrize("status", ["on_hold", "done", "archived"])
def test_nothing_of_a_project_that_rests_is_overdue(status: str, client: Client, north: Company) -> None:
    me = north.people["owner"]
    late = {"due_on": "2020-01-01", "assignee_ids": [me]}
    for place in ("/api/projects/1/tasks", "/api/projects/2/tasks", "/api/tasks"):
        client.create(place, title=place, **late)
    client.create("/api/tasks/1/tasks", title="below", **late)
    assert client.read("/api/projects/1")["task_counts"]["overdue"] == 2
    rested = client.patch("/api/projects/1", {"status": status}).json
    assert rested["task_counts"] == {"total": 2, "open": 2, "done": 0, "overdue": 0}
    assert sorted(client.ids("/api/tasks", overdue=True)) == [2, 3]
    assert sorted(client.ids("/api/tasks", overdue=False)) == [1, 4]
    assert client.read("/api/tasks", overdue=True, count=True)["total"] == 2
    assert client.ids("/api/projects/1/tasks", overdue=True) == []
    assert sorted(client.ids("/api/tasks", resting=True)) == [1, 4]
    assert sorted(client.ids("/api/tasks", resting=False, assignee_id=me)) == [2, 3]
    client.patch("/api/projects/1", {"status": "active"})
    assert sorted(client.ids("/api/tasks", overdue=True)) == [1, 2, 3, 4]


def test_a_restored_column_has_its_tasks_again(client: Client) -> None:
    for letter in "abcd":
        client.create("/api/projects/1/tasks", title=letter, column_id=DOING)
    client.delete("/api/tasks/4")
    before = client.read("/api/tasks/1")
    assert client.delete(f"/api/columns/{DOING}").status_int == 204
    assert client.read("/api/tasks/1")["column_id"] is None
    client.patch("/api/tasks/2", {"column_id": TO_DO})  # went elsewhere meanwhile
    client.patch("/api/tasks/3", {"status": "done"})  # is done meanwhile
    assert client.post(f"/api/columns/{DOING}/restore").status_int == 200
    after = client.read("/api/tasks/1")
    assert (after["column_id"], after["version"]) == (DOING, before["version"] + 2)
    assert [client.read(f"/api/tasks/{n}")["column_id"] for n in (2, 3)] == [TO_DO, None]
    client.post("/api/tasks/4/restore")
    assert client.read("/api/tasks/4")["column_id"] == DOING
    # The memory is used up: what is taken out of a column by hand stays out.
    client.patch("/api/tasks/1", {"column_id": None})
    client.delete(f"/api/columns/{DOING}")
    client.post(f"/api/columns/{DOING}/restore")
    assert client.read("/api/tasks/1")["column_id"] is None


def test_a_restored_column_of_done_tasks_has_the_done_ones(client: Client) -> None:
    for _ in range(2):
        client.create("/api/projects/1/tasks", title="Do", status="done")
    client.delete(f"/api/columns/{DONE}")
    client.post("/api/tasks/2/reopen")
    client.post("/api/columns/bulk", {"restore": [DONE]})
    tasks = [client.read(f"/api/tasks/{n}") for n in (1, 2)]
    assert [(task["status"], task["column_id"]) for task in tasks] == [("done", DONE), ("open", None)]


def test_on_a_board_without_a_column_for_done_ones_all_come_back(client: Client) -> None:
    client.delete(f"/api/columns/{DONE}")
    client.create("/api/projects/1/tasks", title="Do", column_id=DOING)
    client.delete(f"/api/columns/{DOING}")
    client.post("/api/tasks/1/complete")
    client.post(f"/api/columns/{DOING}/restore")
    assert client.read("/api/tasks/1")["column_id"] == DOING


def test_who_left_is_shown_as_left_and_hands_over(client: Client, north: Company) -> None:
    (leaver,) = north.join("member")
    member = north.people["member"]
    client.create("/api/contacts", given_name="Anna", owner_id=leaver)
    client.patch("/api/projects/1", {"owner_id": leaver, "member_ids": [leaver, member]})
    client.patch("/api/projects/2", {"member_ids": [leaver], "status": "archived"})
    client.create("/api/tasks", title="Both", assignee_ids=[leaver, member])
    client.create("/api/tasks", title="Alone", assignee_ids=[leaver])
    client.create("/api/tasks", title="Was", assignee_ids=[leaver], status="done")
    assert client.delete(f"/api/members/{leaver}").status_int == 204
    left = client.read("/api/members", left=True)["items"]
    assert [person["name"] for person in left if person["id"] == leaver] == [f"{north.name} member"]
    assert leaver not in [person["id"] for person in client.read("/api/members")["items"]]
    handed = client.post(f"/api/members/{leaver}/handover", {"to": member})
    assert handed.json == {"items": {"contacts": 1, "projects": 1, "tasks": 2}}
    assert client.read("/api/contacts/1")["owner_id"] == member
    project = client.read("/api/projects/1")
    assert (project["owner_id"], project["member_ids"]) == (member, [member])
    assert [client.read(f"/api/tasks/{n}")["assignee_ids"] for n in (1, 2)] == [[member], [member]]
    # What is over stays as it was.
    assert client.read("/api/tasks/3")["assignee_ids"] == [leaver]
    assert client.read("/api/projects/2")["member_ids"] == [leaver]
    again = client.post(f"/api/members/{leaver}/handover", {})
    assert again.json == {"items": {"contacts": 0, "projects": 0, "tasks": 0}}


def test_work_passes_only_to_a_member_and_from_somebody_known(
    client: Client, north: Company, south: Company
) -> None:
    (leaver,) = north.join("member")
    client.delete(f"/api/members/{leaver}")
    path = f"/api/members/{leaver}/handover"
    for wrong, code in (
        (south.people["member"], "unknown_member"),
        (leaver, "refers_to_itself"),
        ("nobody", "invalid_user_id"),
    ):
        answer = client.post(path, {"to": wrong})
        assert answer.status_int == 422
        assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [("/to", code)]
    assert client.post(f"/api/members/{south.people['member']}/handover", {}).status_int == 404
    assert north.client("member").post(path, {}).status_int == 403


def test_whoever_asks_takes_it_if_nobody_is_named(client: Client, north: Company) -> None:
    member = north.people["member"]
    client.create("/api/tasks", title="Theirs", assignee_ids=[member])
    assert client.post(f"/api/members/{member}/handover").json["items"]["tasks"] == 1
    assert client.read("/api/tasks/1")["assignee_ids"] == [north.people["owner"]]
