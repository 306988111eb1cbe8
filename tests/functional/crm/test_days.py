"""Days are the company's: today, overdue, the day of a time, the end of a rule, dates in filters."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.clock import ZONES
from tests.functional.crm.conftest import SetClock
from tests.functional.installation import Client, Company

TODAY = date(2026, 11, 26)
everywhere = pytest.mark.parametrize("zone", ZONES)
around_midnight = pytest.mark.parametrize("hour", ["23:30", "00:30"])


def _moment(day: date, hour: time, zone: str) -> str:
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@everywhere
@around_midnight
def test_what_was_due_yesterday_is_overdue_and_what_is_due_today_is_not(
    zone: str, hour: str, client: Client, set_clock: SetClock
) -> None:
    set_clock(zone, f"{TODAY}T{hour}")
    for days, title in ((-1, "yesterday"), (0, "today"), (1, "tomorrow")):
        client.create("/api/projects/1/tasks", title=title, due_on=str(TODAY + timedelta(days)))
    late = client.read("/api/tasks", overdue=True, count=True)
    assert ([task["title"] for task in late["items"]], late["total"]) == (["yesterday"], 1)
    assert client.read("/api/tasks", overdue=False, count=True)["total"] == 2
    assert [task["title"] for task in client.read("/api/projects/1/tasks", overdue=True)["items"]] == [
        "yesterday"
    ]
    assert client.read("/api/projects/1")["task_counts"]["overdue"] == 1
    assert client.read("/api/projects")["items"][-1]["task_counts"]["overdue"] == 1
    changed = client.patch("/api/projects/1", {"description": "Counted again"}).json
    assert changed["task_counts"]["overdue"] == 1
    bulk = client.post("/api/projects/bulk", {"update": [{"id": 1, "description": "And again"}]}).json
    assert bulk["updated"][0]["task_counts"]["overdue"] == 1


def test_the_etag_of_a_project_tells_that_a_day_is_over(client: Client, set_clock: SetClock) -> None:
    set_clock("Europe/Berlin", "2026-11-26T23:30")
    client.create("/api/projects/1/tasks", title="today", due_on="2026-11-26")
    etag = client.get("/api/projects/1").headers["ETag"]
    assert client.get("/api/projects/1", {"If-None-Match": etag}).status_int == 304
    set_clock("Europe/Berlin", "2026-11-27T00:30")
    assert client.get("/api/projects/1", {"If-None-Match": etag}).json["task_counts"]["overdue"] == 1


@everywhere
@pytest.mark.parametrize("hour", [time(23, 30), time(0, 30), time(12)])
def test_the_day_of_a_time_is_the_companys(
    zone: str, hour: time, client: Client, set_clock: SetClock
) -> None:
    set_clock(zone, "2026-11-26T12:00")
    at = _moment(TODAY, hour, zone)
    made = client.create("/api/tasks", title="At", due_at=at)
    assert (made["due_on"], made["due_at"]) == (str(TODAY), at)
    elsewhere = datetime.fromisoformat(at).astimezone(ZoneInfo("Pacific/Marquesas")).isoformat()
    assert client.patch("/api/tasks/1", {"due_at": elsewhere}).json["due_on"] == str(TODAY)
    (bulk,) = client.post("/api/tasks/bulk", {"create": [{"title": "At", "due_at": at}]}).json["created"]
    assert bulk["due_on"] == str(TODAY)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe"])
def test_another_day_has_the_same_time(zone: str, client: Client, set_clock: SetClock) -> None:
    set_clock(zone, "2026-11-26T12:00")
    winter, summer = date(2027, 1, 15), date(2027, 7, 15)
    client.create("/api/tasks", title="Nine", due_at=_moment(winter, time(9), zone))
    moved = client.patch("/api/tasks/1", {"due_on": str(summer)}).json
    assert moved["due_at"] == _moment(summer, time(9), zone)
    back = client.post("/api/tasks/bulk", {"update": [{"id": 1, "due_on": str(winter)}]}).json
    assert back["updated"][0]["due_at"] == _moment(winter, time(9), zone)


@pytest.mark.parametrize(
    ("title", "at", "due_on", "due_at"),
    [
        ("Standup", "2027-03-26T09:00:00+01:00", "2027-04-02", "2027-04-02T07:00:00Z"),
        ("Late", "2027-03-26T23:30:00+01:00", "2027-04-02", "2027-04-02T21:30:00Z"),
        ("Autumn", "2027-10-29T00:30:00+02:00", "2027-11-05", "2027-11-04T23:30:00Z"),
    ],
)
def test_nine_stays_nine_when_a_task_repeats(
    title: str, at: str, due_on: str, due_at: str, client: Client, set_clock: SetClock
) -> None:
    set_clock("Europe/Berlin", "2026-11-26T12:00")
    client.create("/api/tasks", title=title, due_at=at, recurrence="FREQ=WEEKLY")
    client.post("/api/tasks/1/complete")
    following = client.read("/api/tasks/2")
    assert (following["due_on"], following["due_at"]) == (due_on, due_at)


@pytest.mark.parametrize(
    ("zone", "until"), [("America/Los_Angeles", "20270103"), ("Europe/Berlin", "20270104")]
)
def test_a_rule_ends_on_the_companys_day(zone: str, until: str, client: Client, set_clock: SetClock) -> None:
    set_clock(zone, "2026-11-26T12:00")
    rule = "FREQ=DAILY;UNTIL=20270104T045959Z"
    made = client.create("/api/tasks", title="Until", due_on="2027-01-02", recurrence=rule)
    assert made["recurrence"] == f"FREQ=DAILY;UNTIL={until}"
    assert client.patch("/api/tasks/1", {"recurrence": rule}).json == made


@pytest.mark.parametrize("collection", ["contacts", "projects", "tasks"])
@pytest.mark.parametrize("name", ["created_after", "updated_after"])
def test_a_date_in_a_filter_begins_at_the_companys_midnight(
    name: str, collection: str, client: Client, north: Company, set_clock: SetClock
) -> None:
    client.create("/api/contacts", given_name="Anna")
    client.create("/api/tasks", title="Call")
    table = collection.removesuffix("s")
    moment = "'2026-11-26T06:00:00Z'"
    north.execute(f"UPDATE {table} SET created_at = {moment}, updated_at = {moment}")
    found = lambda: len(client.ids(f"/api/{collection}", **{name: "2026-11-26"})) > 0  # noqa: E731
    set_clock("Europe/Berlin", "2026-11-26T12:00")
    assert found()
    set_clock("America/Los_Angeles", "2026-11-26T12:00")  # where it is still the 25th
    assert not found()
    set_clock("Pacific/Kiritimati", "2026-11-26T12:00")
    assert found()
    if collection == "contacts":
        set_clock("America/Los_Angeles", "2026-11-26T12:00")
        assert client.get("/api/contacts/export", format="json", **{name: "2026-11-26"}).json == []


def test_a_company_without_a_zone_has_the_days_of_utc(client: Client, set_clock: SetClock) -> None:
    set_clock("UTC", "2026-11-26T00:30")
    assert client.patch("/api/company", {"time_zone": None}).status_int == 200
    for day in (25, 26):
        client.create("/api/tasks", title=str(day), due_on=f"2026-11-{day}")
    assert [task["title"] for task in client.read("/api/tasks", overdue=True)["items"]] == ["25"]
