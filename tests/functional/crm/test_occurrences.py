"""Tasks that repeat: the next one is not past, brings its subtasks, and is taken back by reopening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.crm.conftest import SetClock
from tests.functional.installation import Client, Company

TO_DO, DOING, DONE = 1, 2, 3
Answer = dict[str, Any]
Do = Callable[[Client, int], Answer]

COMPLETED: dict[str, Do] = {
    "action": lambda client, row_id: client.post(f"/api/tasks/{row_id}/complete").json,
    "patch": lambda client, row_id: client.patch(f"/api/tasks/{row_id}", {"status": "done"}).json,
    "column": lambda client, row_id: client.post(f"/api/tasks/{row_id}/move", {"column_id": DONE}).json,
    "bulk": lambda client, row_id: client.post(
        "/api/tasks/bulk", {"update": [{"id": row_id, "status": "done"}]}
    ).json["updated"][0],
}
REOPENED: dict[str, Do] = {
    "action": lambda client, row_id: client.post(f"/api/tasks/{row_id}/reopen").json,
    "patch": lambda client, row_id: (
        client.patch(f"/api/tasks/{row_id}", {"status": "open", "column_id": DOING}).json
    ),
    "column": lambda client, row_id: client.post(f"/api/tasks/{row_id}/move", {"column_id": TO_DO}).json,
    "bulk": lambda client, row_id: client.post(
        "/api/tasks/bulk", {"update": [{"id": row_id, "status": "open"}]}
    ).json["updated"][0],
}
any_way = pytest.mark.parametrize("how", COMPLETED)


@pytest.fixture(autouse=True)
def _noon(set_clock: SetClock) -> None:
    set_clock("Europe/Berlin", "2026-11-26T12:00")


def _open(client: Client) -> list[tuple[str, str | None]]:
    items = client.read("/api/tasks", status="open", sort="position")["items"]
    return [(item["title"], item["due_on"]) for item in items]


@pytest.mark.parametrize(
    ("rule", "due", "next_one", "missed", "count"),
    [
        ("FREQ=DAILY", "2026-11-23", "2026-11-26", ["2026-11-24", "2026-11-25"], 2),
        ("FREQ=WEEKLY", "2026-11-09", "2026-11-30", ["2026-11-16", "2026-11-23"], 2),
        ("FREQ=MONTHLY", "2026-08-31", "2026-11-30", ["2026-09-30", "2026-10-31"], 2),
        ("FREQ=DAILY", "2026-12-24", "2026-12-25", [], 0),
        ("FREQ=DAILY", "2026-11-26", "2026-11-27", [], 0),
    ],
)
def test_completed_late_the_next_one_is_not_past(
    rule: str, due: str, next_one: str, missed: list[str], count: int, client: Client
) -> None:
    client.create("/api/tasks", title="Check", due_on=due, recurrence=rule)
    done = client.post("/api/tasks/1/complete").json
    assert (done["missed"], done["missed_count"]) == (missed, count)
    assert done["next_occurrence"] == {"id": 2, "start_on": None, "due_on": next_one, "due_at": None}
    assert client.post("/api/tasks/1/complete").json == done
    assert _open(client) == [("Check", next_one)]


def test_of_many_missed_dates_the_last_hundred_are_named(client: Client) -> None:
    client.create("/api/tasks", title="Check", due_on="2020-01-01", recurrence="FREQ=DAILY")
    done = client.post("/api/tasks/1/complete").json
    assert (len(done["missed"]), done["missed"][-1], done["missed_count"]) == (100, "2026-11-25", 2520)


def test_a_series_that_is_over_says_so(client: Client) -> None:
    client.create("/api/tasks", title="Check", due_on="2026-11-01", recurrence="FREQ=DAILY;COUNT=3")
    done = client.post("/api/tasks/1/complete").json
    assert (done["next_occurrence"], done["missed"]) == (None, ["2026-11-02", "2026-11-03"])
    assert _open(client) == []
    assert client.post("/api/tasks/1/reopen").json["recurrence"] == "FREQ=DAILY;COUNT=3"


@pytest.mark.parametrize(("zone", "next_one"), [("Pacific/Kiritimati", "2026-11-27"), ("UTC", "2026-11-26")])
def test_past_is_what_is_past_where_the_company_is(
    zone: str, next_one: str, client: Client, set_clock: SetClock
) -> None:
    # 23:30 in Greenwich: the day after has begun on Kiritimati.
    local = {"UTC": "2026-11-26T23:30", "Pacific/Kiritimati": "2026-11-27T13:30"}[zone]
    set_clock(zone, local)
    client.create("/api/tasks", title="Check", due_on="2026-11-20", recurrence="FREQ=DAILY")
    assert client.post("/api/tasks/1/complete").json["next_occurrence"]["due_on"] == next_one


@pytest.fixture
def monthly(client: Client) -> Client:
    """A monthly task (1) with two steps (2, 3), one with a step of its own (4), and one that is done (5)."""
    client.create("/api/projects/1/tasks", title="Close", due_on="2027-01-29", recurrence="FREQ=MONTHLY")
    client.create("/api/tasks/1/tasks", title="a", due_on="2027-01-27", labels=["x"])
    at = "2027-01-28T08:00:00Z"
    client.create("/api/tasks/1/tasks", title="b", project_id=1, column_id=DOING, due_at=at)
    client.create("/api/tasks/3/tasks", title="b1")
    client.create("/api/tasks/1/tasks", title="c", status="done")
    return client


@any_way
def test_the_next_one_brings_its_subtasks_and_none_stays_open_below_the_done_one(
    how: str, monthly: Client
) -> None:
    COMPLETED[how](monthly, 1)
    assert {item["status"] for item in (monthly.read(f"/api/tasks/{n}") for n in range(1, 6))} == {"done"}
    assert {monthly.read(f"/api/tasks/{n}")["column_id"] for n in range(1, 6)} == {DONE}
    items = monthly.read("/api/tasks", status="open", sort="position")["items"]
    assert [(i["title"], i["parent_id"], i["due_on"], i["column_id"]) for i in items] == [
        ("Close", None, "2027-02-28", TO_DO),
        ("a", 6, "2027-02-26", TO_DO),
        ("b", 6, "2027-02-27", TO_DO),
        ("c", 6, None, TO_DO),
        ("b1", 8, None, TO_DO),
    ]
    assert (items[1]["labels"], items[2]["due_at"]) == (["x"], "2027-02-27T08:00:00Z")
    assert monthly.read("/api/projects/1")["task_counts"]["open"] == 5


def test_how_many_subtasks_were_completed_is_told(monthly: Client) -> None:
    done = monthly.post("/api/tasks/1/complete").json
    assert (done["completed_subtasks"], done["missed"]) == (3, [])
    assert done["next_occurrence"]["due_on"] == "2027-02-28"


@pytest.mark.sampled(6)
@any_way
@pytest.mark.parametrize("back", REOPENED)
def test_reopening_takes_it_all_back(how: str, back: str, monthly: Client) -> None:
    before = [monthly.read(f"/api/tasks/{n}") for n in range(1, 6)]
    COMPLETED[how](monthly, 1)
    reopened = REOPENED[back](monthly, 1)
    assert (reopened["status"], reopened["recurrence"]) == ("open", "FREQ=MONTHLY")
    assert sorted(monthly.ids("/api/tasks")) == [1, 2, 3, 4, 5]
    after = [monthly.read(f"/api/tasks/{n}") for n in range(1, 6)]
    assert [item["status"] for item in after] == [item["status"] for item in before]
    assert [item["completed_at"] for item in after] == [item["completed_at"] for item in before]
    # And once more there and back: still one.
    COMPLETED[how](monthly, 1)
    REOPENED[back](monthly, 1)
    assert sorted(monthly.ids("/api/tasks")) == [1, 2, 3, 4, 5]


def test_reopening_when_the_series_has_gone_on_leaves_the_series_alone(client: Client) -> None:
    client.create("/api/tasks", title="Check", due_on="2026-11-26", recurrence="FREQ=DAILY")
    client.post("/api/tasks/1/complete")
    client.post("/api/tasks/2/complete")
    reopened = client.post("/api/tasks/1/reopen").json
    assert (reopened["status"], reopened["recurrence"]) == ("open", None)
    assert sorted(client.ids("/api/tasks", status="open")) == [1, 3]
    assert client.post("/api/tasks/1/complete").json["next_occurrence"] is None


def test_reopening_when_the_next_one_is_in_the_trash_repeats_again(client: Client) -> None:
    client.create("/api/tasks", title="Check", due_on="2026-11-26", recurrence="FREQ=DAILY")
    client.post("/api/tasks/1/complete")
    client.delete("/api/tasks/2")
    assert client.post("/api/tasks/1/reopen").json["recurrence"] == "FREQ=DAILY"


def test_a_rule_given_with_the_reopening_counts(client: Client) -> None:
    client.create("/api/tasks", title="Check", due_on="2026-11-26", recurrence="FREQ=DAILY")
    client.post("/api/tasks/1/complete")
    patch = {"status": "open", "recurrence": "FREQ=WEEKLY"}
    assert client.patch("/api/tasks/1", patch).json["recurrence"] == "FREQ=WEEKLY"
    assert client.ids("/api/tasks") == [1]


def test_a_subtask_that_repeats_by_itself_comes_along_once(client: Client, set_clock: SetClock) -> None:
    client.create("/api/tasks", title="Top", due_on="2026-11-26", recurrence="FREQ=WEEKLY")
    client.create("/api/tasks/1/tasks", title="Sub", due_on="2026-11-26", recurrence="FREQ=DAILY")
    client.post("/api/tasks/2/complete")
    set_clock("Europe/Berlin", "2026-11-26T13:00")
    done = client.post("/api/tasks/1/complete").json
    assert done["completed_subtasks"] == 1
    assert _open(client) == [("Top", "2026-12-03"), ("Sub", "2026-12-04")]


def test_completing_ends_what_is_open_below_though_nothing_repeats(client: Client) -> None:
    client.create("/api/tasks", title="Top")
    client.create("/api/tasks/1/tasks", title="Sub", due_on="2026-11-26", recurrence="FREQ=DAILY")
    client.create("/api/tasks/2/tasks", title="Subsub")
    done = client.post("/api/tasks/1/complete").json
    assert (done["next_occurrence"], done["completed_subtasks"]) == (None, 2)
    assert client.ids("/api/tasks", status="open") == []
    client.post("/api/tasks/1/reopen")
    assert client.read("/api/tasks/2")["recurrence"] == "FREQ=DAILY"
    assert sorted(client.ids("/api/tasks", status="open")) == [1, 2, 3]


@pytest.mark.parametrize("how", ["new", "reopened", "moved", "restored", "bulk"])
def test_what_opens_below_a_done_task_reopens_it(how: str, client: Client) -> None:
    client.create("/api/tasks", title="Top")
    client.create("/api/tasks/1/tasks", title="Sub")
    client.create("/api/tasks/2/tasks", title="Subsub")
    client.create("/api/tasks", title="Other")
    if how == "restored":
        client.delete("/api/tasks/3")
    client.post("/api/tasks/1/complete")
    answer = {
        "new": lambda: client.post("/api/tasks/2/tasks", {"title": "New"}),
        "reopened": lambda: client.post("/api/tasks/3/reopen"),
        "moved": lambda: client.patch("/api/tasks/4", {"parent_id": 2}),
        "restored": lambda: client.post("/api/tasks/3/restore"),
        "bulk": lambda: client.post("/api/tasks/bulk", {"create": [{"title": "New", "parent_id": 2}]}),
    }[how]()
    assert answer.status_int in {200, 201}
    assert [client.read(f"/api/tasks/{n}")["status"] for n in (1, 2)] == ["open", "open"]


def test_a_done_task_may_come_below_a_done_one(client: Client) -> None:
    client.create("/api/tasks", title="Top", status="done")
    client.create("/api/tasks/1/tasks", title="Sub", status="done")
    assert client.read("/api/tasks/1")["status"] == "done"


def test_many_changes_at_once_see_each_other(client: Client, north: Company) -> None:
    client.create("/api/tasks", title="Top")
    client.create("/api/tasks/1/tasks", title="Sub")
    update = [{"id": 1, "status": "done"}, {"id": 2, "title": "Step"}]
    assert client.post("/api/tasks/bulk", {"update": update}).status_int == 200
    tasks = [client.read(f"/api/tasks/{n}") for n in (1, 2)]
    assert [(task["title"], task["status"]) for task in tasks] == [("Top", "done"), ("Step", "done")]


def test_only_this_companys_series_goes_on(client: Client, south: Company) -> None:
    other = south.client()
    other.create("/api/tasks", title="Theirs", due_on="2026-11-26", recurrence="FREQ=DAILY")
    client.create("/api/tasks", title="Ours", due_on="2026-11-26", recurrence="FREQ=DAILY")
    before = other.read("/api/tasks")
    client.post("/api/tasks/1/complete")
    client.post("/api/tasks/1/reopen")
    assert other.read("/api/tasks") == before
