"""Timelines: what was written on a record, and on what belongs to it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from crmtenant.db.pool.prepared import compiled
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.overview import timeline
from tests.functional.installation import Client, Company


@pytest.fixture
def client(north: Company) -> Client:
    """An organisation with two people and a project with a task."""
    client = north.client()
    client.create("/api/contacts", kind="organization", name="Acme")
    client.create("/api/contacts", given_name="Ada", organization_id=1)
    client.create("/api/contacts", given_name="Ben", organization_id=1)
    client.create("/api/projects", name="Bridge", contact_id=1)
    client.create("/api/tasks", title="Call", project_id=1)
    return client


def write(client: Client, place: str, day: int = 1, **fields: Any) -> int:
    """The id of an entry of that day of January."""
    given = {"body": "Words", "happened_at": f"2026-01-{day:02}T10:00:00Z", **fields}
    return int(client.create(f"/api/{place}/entries", **given)["id"])


def shown(client: Client, place: str, **query: Any) -> list[int]:
    """The ids of the entries on the timeline's page."""
    return [item["entry"]["id"] for item in _entries(client.read(f"/api/{place}/timeline", **query))]


def _entries(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in page["items"] if item["source"] == "entry"]


def told(client: Client, place: str, **query: Any) -> list[tuple[Any, ...]]:
    """What changed, on the timeline's page."""
    items = client.read(f"/api/{place}/timeline", **query)["items"]
    changes = [item["change"] for item in items if item["source"] == "change"]
    return [(one["noun"], one["title"], one["verb"], one["changes"]) for one in changes]


def test_an_organisation_shows_what_was_written_on_its_people_and_projects(client: Client) -> None:
    ids = [
        write(client, place, day)
        for day, place in enumerate(
            ("contacts/1", "contacts/2", "projects/1", "contacts/3", "tasks/1"), start=1
        )
    ]
    assert shown(client, "contacts/1") == [ids[3], ids[2], ids[1], ids[0]]
    assert shown(client, "contacts/2") == [ids[1]]
    assert shown(client, "projects/1") == [ids[4], ids[2]]
    assert shown(client, "tasks/1") == [ids[4]]


def test_who_leaves_takes_nothing_along(client: Client) -> None:
    client.create("/api/contacts", kind="organization", name="Umbrella")
    before = write(client, "contacts/2", 1)
    client.patch("/api/contacts/2", {"organization_id": 4})
    after = write(client, "contacts/2", 2)
    assert shown(client, "contacts/1") == [before]
    assert shown(client, "contacts/4") == [after]
    assert shown(client, "contacts/2") == [after, before]


def test_an_entry_about_several_is_on_the_timeline_of_each_once(client: Client) -> None:
    meeting = write(client, "projects/1", kind="meeting", contact_ids=[2, 3])
    for place in ("contacts/1", "contacts/2", "contacts/3", "projects/1"):
        assert shown(client, place) == [meeting]


def test_pages_by_moment_hold_each_entry_once(client: Client) -> None:
    places = ("contacts/1", "contacts/2", "projects/1")
    ids = [write(client, places[n % 3], 1 + n % 4) for n in range(20)]
    seen, lengths, page = [], [], client.read("/api/contacts/1/timeline", limit=3)
    while True:
        seen += [(item["at"], item["entry"]["id"]) for item in _entries(page)]
        lengths.append(len(page["items"]))
        if page["next"] is None:
            break
        assert page["next"].endswith(f"cursor={page['next_cursor']}")
        page = client.read(page["next"])
    assert seen == sorted(seen, reverse=True)
    assert sorted(row_id for _, row_id in seen) == sorted(ids)
    # with the creations of the organisation, its project and the task, which came last
    assert lengths == [3] * 7 + [1]
    following = client.read("/api/contacts/1/timeline", limit=3)["next_cursor"]
    assert client.get("/api/contacts/2/timeline", cursor=following).status_int == 400


def test_kinds_are_asked_for_and_stay_asked_for(client: Client) -> None:
    for day, kind in enumerate(("note", "call", "meeting", "comment"), start=1):
        write(client, "contacts/2", day, kind=kind)
    assert shown(client, "contacts/1", kind="call,note") == [2, 1]
    page = client.read("/api/contacts/1/timeline", kind="call,note", limit=1)
    assert [item["entry"]["id"] for item in client.read(page["next"])["items"]] == [1]
    refused = client.get("/api/contacts/1/timeline", kind="call,fax")
    assert refused.status_int == 400
    assert {error["pointer"] for error in refused.json["errors"]} == {"kind"}


def test_replies_stand_at_what_they_reply_to(client: Client) -> None:
    first = write(client, "contacts/2")
    replies = [client.create(f"/api/entries/{first}/entries", body=f"Reply {n}") for n in range(3)]
    client.delete(f"/api/entries/{replies[0]['id']}")
    (item,) = _entries(client.read("/api/contacts/1/timeline"))
    assert item["entry"] == client.read(f"/api/entries/{first}")
    assert item["replies"] == [client.read(f"/api/entries/{reply['id']}") for reply in replies[1:]]
    assert (item["source"], item["at"], item["reply_count"]) == ("entry", "2026-01-01T10:00:00Z", 2)


def test_what_is_pinned_comes_with_the_first_page(client: Client) -> None:
    pinned = write(client, "contacts/2", 1, is_pinned=True)
    for day in (2, 3):
        write(client, "contacts/2", day)
    page = client.read("/api/contacts/1/timeline", limit=2, kind="note")
    assert [item["entry"]["id"] for item in page["pinned"]] == [pinned]
    assert client.read(page["next"])["pinned"] == []


def test_a_record_that_is_not_there_has_no_timeline(client: Client) -> None:
    assert client.read("/api/tasks/1/timeline", kind="note") == {
        "items": [],
        "pinned": [],
        "next": None,
        "next_cursor": None,
    }
    client.delete("/api/tasks/1")
    for path in ("tasks/1", "contacts/99", "projects/99"):
        assert client.get(f"/api/{path}/timeline").status_int == 404


def test_the_changes_worth_telling_stand_beside_what_was_written(client: Client, north: Company) -> None:
    owner, member = north.people["owner"], north.people["member"]
    client.patch("/api/contacts/1", {"owner_id": owner, "note": "Not told"})
    client.patch("/api/projects/1", {"status": "done", "description": "Not told"})
    client.patch("/api/tasks/1", {"due_on": "2026-02-01", "priority": 3, "assignee_ids": [member]})
    client.patch("/api/tasks/1", {"status": "done", "contact_id": 1})
    of_task = [
        ("task", "Call", "completed", {}),
        ("task", "Call", "changed", {"due_on": [None, "2026-02-01"], "assignee_ids": [[], [member]]}),
        ("task", "Call", "created", {}),
    ]
    of_project = [
        ("project", "Bridge", "changed", {"status": ["planned", "done"]}),
        ("project", "Bridge", "created", {}),
    ]
    assert told(client, "tasks/1") == of_task
    assert told(client, "projects/1") == [*of_task[:2], of_project[0], of_task[2], of_project[1]]
    assert told(client, "contacts/1", kind="change") == [
        of_task[0],
        of_project[0],
        ("contact", "Acme", "changed", {"owner_id": [None, owner]}),
        of_project[1],
        ("contact", "Acme", "created", {}),
    ]
    write(client, "contacts/1", kind="call")
    assert told(client, "contacts/1", kind="call") == []
    assert len(client.read("/api/contacts/1/timeline", kind="call,change")["items"]) == 6
    pages, page = [], client.read("/api/contacts/1/timeline", limit=1)
    while page["next"]:
        pages.append(page["items"])
        page = client.read(page["next"])
    assert [*pages, page["items"]] == [[item] for item in client.read("/api/contacts/1/timeline")["items"]]


MANY = """
    INSERT INTO entry (kind, subject_type, subject_id, contact_ids, organization_ids, happened_at, body, mentions, is_pinned,
                       title, title_key, search, created_at, updated_at, created_by, updated_by, version)
    SELECT 'note', 'contact', 2 + n % 2, ARRAY[2 + n % 2]::bigint[], ARRAY[1]::bigint[], now() - n * interval '1 hour',
           repeat('Words of a note. ', 20), '{}', false, 'Words', 'words', array_to_tsvector(ARRAY['words', 'note']),
           now(), now(), created_by, created_by, 1
    FROM contact, generate_series(1, 10000) AS numbers(n) WHERE contact.id = 1
"""


MANY_CHANGES = """
    INSERT INTO change (seq, number, at, by, cause, noun, row_id, version, verb, changes, contact_ids, project_id)
    SELECT 1000 + n, 0, now() - n * interval '1 hour', 'u', 'person', 'task', 1, 1, 'changed', '{"due_on": [null, "2026-01-01"]}',
           ARRAY[1, 2]::bigint[], 1
    FROM generate_series(1, 10000) AS numbers(n)
"""


def test_a_page_reads_each_page_of_its_entries_and_changes_once(client: Client, north: Company) -> None:
    north.execute(MANY)
    north.execute(MANY_CHANGES)
    north.execute("ANALYZE entry, change")
    assert len(client.read("/api/contacts/1/timeline")["items"]) == 50
    asked = compiled(
        timeline._statement(
            CONTACT, 50, is_continued=False, is_of_kinds=False, has_entries=True, has_changes=True
        )
    )
    with closing(north.address.connect()) as connection, connection.cursor() as cursor:
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked.text}"
        cursor.execute(explain, asked.adapted({"record_id": 1, **asked.own}))
        read = cursor.fetchone()[0][0]["Plan"]
        cursor.execute(
            "SELECT sum(pg_relation_size(name)) / 8192 FROM unnest('{entry,change}'::regclass[]) AS name"
        )
        (pages,) = cursor.fetchone()
    assert read["Shared Hit Blocks"] + read["Shared Read Blocks"] <= 2 * pages
