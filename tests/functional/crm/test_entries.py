"""Entries: what people write on records, and what contacts know of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crmtenant.clock import now
from tests.functional.installation import Client, Company

NOBODY = "u_" + "a" * 26
ON_ADA = {"subject_type": "contact", "subject_id": 2}


@pytest.fixture
def client(north: Company) -> Client:
    """An organisation with a person, a project and a task."""
    client = north.client()
    client.create("/api/contacts", kind="organization", name="Acme")
    client.create("/api/contacts", given_name="Ada", organization_id=1)
    client.create("/api/projects", name="Bridge")
    client.create("/api/tasks", title="Call", project_id=1)
    client.create("/api/tasks", title="Below", project_id=1, parent_id=1)
    return client


def touched(client: Client, contact_id: int) -> str | None:
    """When somebody was last in touch with the contact."""
    moment: str | None = client.read(f"/api/contacts/{contact_id}")["last_touch_at"]
    return moment


def refusals(answer: Any) -> list[tuple[str, str]]:
    """Where the request was wrong."""
    assert answer.status_int == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


def test_a_call_keeps_how_it_went(client: Client) -> None:
    call = client.create(
        "/api/contacts/2/entries", kind="call", direction="out", outcome="no_answer", minutes=0
    )
    assert (call["body"], call["outcome"], call["minutes"]) == ("", "no_answer", 0)
    assert (call["contact_ids"], call["organization_ids"]) == ([2], [1])
    note = client.patch(f"/api/entries/{call['id']}", {"kind": "note", "body": "Was out"}).json
    assert (note["kind"], note["outcome"], note["direction"], note["minutes"]) == ("note", None, None, None)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, [("/body", "required")]),
        ({"body": " \n"}, [("/body", "required")]),
        ({"body": "x", "kind": "comment", "outcome": "reached"}, [("/outcome", "not_of_this_kind")]),
        ({"body": "x", "kind": "meeting", "direction": "in"}, [("/direction", "not_of_this_kind")]),
        ({"body": "x", "minutes": 5}, [("/minutes", "not_of_this_kind")]),
        ({"body": "x", "kind": "mail"}, [("/kind", "invalid_choice")]),
        ({"body": "x" * 65_537}, [("/body", "too_long")]),
        ({"body": "x", "happened_at": "2999-01-01T00:00:00Z"}, [("/happened_at", "in_the_future")]),
        ({"body": "x", "happened_at": "yesterday"}, [("/happened_at", "invalid_time")]),
        ({"body": "x", "contact_ids": [99]}, [("/contact_ids", "unknown_reference")]),
        ({"body": "x", "contact_ids": [2] * 51}, [("/contact_ids", "too_long")]),
        ({"body": f"@[{NOBODY}]"}, [("/body", "unknown_member")]),
        ({"body": "x", "mentions": []}, [("/mentions", "read_only_field")]),
        ({"body": "x", "organization_ids": [1]}, [("/organization_ids", "read_only_field")]),
        ({"body": "x", "edited_at": None}, [("/edited_at", "read_only_field")]),
    ],
)
def test_what_an_entry_cannot_be_is_refused(
    body: dict[str, Any], refused: list[tuple[str, str]], client: Client
) -> None:
    found = refusals(client.post("/api/contacts/2/entries", body))
    assert [pointer for pointer, _ in found] == [pointer for pointer, _ in refused]
    if refused[0][0] != "/contact_ids":
        assert found == refused


def test_an_entry_is_on_something(client: Client) -> None:
    assert {pointer for pointer, _ in refusals(client.post("/api/entries", {"body": "x"}))} == {
        "/subject_type", "/subject_id",
    }  # fmt: skip
    nowhere = {"body": "x", "subject_type": "task", "subject_id": 99}
    assert refusals(client.post("/api/entries", nowhere)) == [("/subject_id", "unknown_reference")]
    there = client.create("/api/entries", body="x", **ON_ADA)
    for change in ({"subject_id": 1}, {"subject_type": "task"}):
        (found,) = refusals(client.patch(f"/api/entries/{there['id']}", change))
        assert found[1] == "read_only_field"


def test_a_reply_goes_with_its_parent_and_has_none_itself(client: Client) -> None:
    first = client.create("/api/tasks/1/entries", body="Who calls?")
    reply = client.create(f"/api/entries/{first['id']}/entries", body="I do")
    assert (reply["kind"], reply["subject_type"], reply["subject_id"]) == ("comment", "task", 1)
    again = client.post(f"/api/entries/{reply['id']}/entries", {"body": "And I"})
    assert refusals(again) == [("/parent_id", "reply_to_a_reply")]
    elsewhere = {"body": "x", "parent_id": first["id"], "kind": "comment", **ON_ADA}
    assert refusals(client.post("/api/entries", elsewhere)) == [("/subject_id", "contradiction")]
    for odd in ({"kind": "call"}, {"contact_ids": [2]}, {"is_pinned": True}):
        assert refusals(client.post(f"/api/entries/{first['id']}/entries", {"body": "x", **odd}))
    client.delete(f"/api/entries/{first['id']}")
    assert client.get(f"/api/entries/{reply['id']}").status_int == 404
    assert client.post(f"/api/entries/{reply['id']}/restore").json["code"] == "parent_in_trash"
    client.post(f"/api/entries/{first['id']}/restore")
    assert client.get(f"/api/entries/{reply['id']}").status_int == 200


def test_who_is_named_is_told_as_ids(client: Client, north: Company) -> None:
    ada, ben = north.people["admin"], north.people["member"]
    made = client.create("/api/tasks/1/entries", body=f"@[{ben}] and @[{ada}], @[{ben}]!")
    assert made["mentions"] == [ben, ada]
    assert client.patch(f"/api/entries/{made['id']}", {"body": f"@[{ada}]"}).json["mentions"] == [ada]


def test_words_are_their_authors(client: Client, north: Company) -> None:
    path = f"/api/entries/{north.client('member').create('/api/tasks/1/entries', body='Mine')['id']}"
    refused = client.patch(path, {"body": "Yours"})
    assert (refused.status_int, refused.json["code"]) == (403, "not_the_author")
    assert client.patch(path, {"is_pinned": True}).status_int == 200
    edited = north.client("member").patch(path, {"body": "Still mine"}).json
    assert edited["edited_at"] == edited["updated_at"] or edited["edited_at"] > edited["created_at"]
    own = f"/api/entries/{client.create('/api/tasks/1/entries', body='Ours')['id']}"
    assert north.client("member").delete(own).json["code"] == "not_the_author"
    assert north.client("member").post("/api/entries/bulk", {"delete": [int(own[13:])]}).status_int == 403
    assert client.delete(path).status_int == 204, "who manages what is shared may throw it away"
    for viewer in (
        north.client("viewer").delete(own),
        north.client("viewer").post("/api/tasks/1/entries", {"body": "x"}),
    ):
        assert viewer.status_int == 403
    assert north.client("viewer").get(own).status_int == 200


def test_contacts_know_when_somebody_was_last_in_touch(client: Client) -> None:
    version, changed = (client.read("/api/contacts/2")[name] for name in ("version", "updated_at"))
    etag = client.get("/api/contacts/2").headers["ETag"]
    assert touched(client, 2) is None
    old = client.create("/api/contacts/2/entries", body="x", happened_at="2025-01-01T10:00:00Z")
    new = client.create(
        "/api/projects/1/entries", body="x", contact_ids=[2], happened_at="2025-02-01T10:00:00Z"
    )
    older = client.create("/api/contacts/2/entries", body="x", happened_at="2024-01-01T10:00:00Z")
    client.create("/api/entries/1/entries", body="A reply touches nobody")
    assert touched(client, 2) == touched(client, 1) == "2025-02-01T10:00:00Z"
    item = client.read("/api/contacts/2")
    assert (item["version"], item["updated_at"]) == (version, changed)
    assert client.get("/api/contacts/2", {"If-None-Match": etag}).status_int == 200
    assert client.patch("/api/contacts/2", {"note": "x"}, {"If-Match": etag}).status_int == 200
    client.delete(f"/api/entries/{new['id']}")
    assert touched(client, 2) == touched(client, 1) == old["happened_at"]
    client.patch(f"/api/entries/{older['id']}", {"happened_at": "2025-03-01T10:00:00Z"})
    assert touched(client, 2) == "2025-03-01T10:00:00Z"
    client.post(f"/api/entries/{new['id']}/restore")
    client.delete(f"/api/entries/{older['id']}")
    assert touched(client, 2) == "2025-02-01T10:00:00Z"
    client.patch(f"/api/entries/{new['id']}", {"contact_ids": []})
    assert touched(client, 2) == touched(client, 1) == old["happened_at"]


def test_who_was_not_heard_of_for_long_is_found_longest_first(client: Client) -> None:
    client.create("/api/contacts", given_name="Ben")
    recently = (now() - timedelta(days=10)).isoformat()
    client.create("/api/contacts/2/entries", body="x", happened_at=recently)
    client.create("/api/contacts/3/entries", body="x", happened_at="2025-01-01T10:00:00Z")
    client.create("/api/contacts", given_name="New")
    assert client.ids("/api/contacts", untouched_for_days=9, sort="last_touch_at") == [3, 1, 2]
    assert client.ids("/api/contacts", untouched_for_days=11) == [3]
    assert client.ids("/api/contacts", sort="-last_touch_at")[-1] == 4
    assert client.get("/api/contacts", untouched_for_days=0).status_int == 400


def test_entries_go_along_with_their_record_at_any_depth(client: Client) -> None:
    on_contact = client.create("/api/contacts/2/entries", body="x", happened_at="2025-01-01T10:00:00Z")
    on_subtask = client.create("/api/tasks/2/entries", body="x", contact_ids=[2])
    reply = client.create(f"/api/entries/{on_subtask['id']}/entries", body="x")
    for place in ("tasks/1", "projects/1"):
        client.delete(f"/api/{place}")
        for gone in (on_subtask, reply):
            assert client.get(f"/api/entries/{gone['id']}").status_int == 404
        assert touched(client, 2) == on_contact["happened_at"]
        assert client.post(f"/api/entries/{on_subtask['id']}/restore").json["code"] == "parent_in_trash"
        client.post(f"/api/{place}/restore")
        for back in (on_subtask, reply):
            assert client.get(f"/api/entries/{back['id']}").status_int == 200
        assert touched(client, 2) == on_subtask["happened_at"]
    client.delete(f"/api/entries/{on_subtask['id']}")
    client.delete("/api/contacts/2")
    assert touched(client, 1) is None
    restored = client.post("/api/contacts/2/restore").json
    assert restored == client.read("/api/contacts/2")
    assert touched(client, 1) == restored["last_touch_at"] == on_contact["happened_at"]
    assert client.get(f"/api/entries/{on_subtask['id']}").status_int == 404, "it was thrown away by itself"


def test_entries_are_found_by_their_words(client: Client, north: Company) -> None:
    ben = north.people["member"]
    client.create(
        "/api/contacts/2/entries", body=f"\n## **Quote** for @[{ben}] by [Friday](https://x.example)\nBeton"
    )
    (found,) = client.read("/api/search", q="beton")["items"]
    assert found == {
        "noun": "entry", "id": 1, "title": "Quote for by Friday", "subtitle": "Ada", "kind": "note",
    }  # fmt: skip
    client.delete("/api/entries/1")
    assert client.read("/api/trash")["items"][0]["name"] == "Quote for by Friday"


def test_a_task_may_be_a_call(client: Client) -> None:
    task = client.create(
        "/api/tasks", title="Ring Ada", kind="call", recurrence="FREQ=DAILY", due_on="2026-01-01"
    )
    done = client.post(f"/api/tasks/{task['id']}/complete").json
    assert client.read(f"/api/tasks/{done['next_occurrence']['id']}")["kind"] == "call"
    assert client.read("/api/tasks/1")["kind"] == "todo"
    assert refusals(client.post("/api/tasks", {"title": "x", "kind": "party"})) == [
        ("/kind", "invalid_choice")
    ]
