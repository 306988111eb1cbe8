"""What spans the nouns: search, activity, tags."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.installation import Client, Company


@pytest.fixture
def client(north: Company) -> Client:
    client = north.client()
    client.create("/api/contacts", kind="organization", name="Zoë Works", tags=["vip", "b"])
    client.create("/api/contacts", given_name="Ann", family_name="Zoellner", organization_id=1, tags=["vip"])
    client.create("/api/contacts", given_name="Zoe", emails=[{"value": "zoe@example.com"}], tags=["a"])
    client.create("/api/contacts", given_name="Bob", note="knows Zoe")
    client.create("/api/projects", name="Zoe's move", contact_id=1, tags=["vip"])
    client.create("/api/tasks", title="Call Zoe", project_id=1, labels=["phone"])
    return client


def _found(client: Client, **query: Any) -> list[tuple[Any, ...]]:
    return [(item["noun"], item["id"]) for item in client.read("/api/search", **query)["items"]]


def test_words_find_every_noun_the_best_first(client: Client) -> None:
    assert client.read("/api/search", q="zoe")["items"] == [
        {"noun": "contact", "id": 3, "title": "Zoe", "subtitle": "zoe@example.com", "kind": "person"},
        {"noun": "contact", "id": 1, "title": "Zoë Works", "subtitle": None, "kind": "organization"},
        {"noun": "contact", "id": 2, "title": "Ann Zoellner", "subtitle": "Zoë Works", "kind": "person"},
        {"noun": "contact", "id": 4, "title": "Bob", "subtitle": None, "kind": "person"},
        {"noun": "project", "id": 1, "title": "Zoe's move", "subtitle": "Zoë Works", "kind": "planned"},
        {"noun": "task", "id": 1, "title": "Call Zoe", "subtitle": "Zoe's move", "kind": "open"},
    ]


def test_a_search_has_so_many_of_each_noun(client: Client) -> None:
    assert _found(client, q="ZOE", limit=1) == [("contact", 3), ("project", 1), ("task", 1)]
    for number in range(30):
        client.create("/api/tasks", title=f"Zoe {number}")
    assert len(_found(client, q="zoe")) == 4 + 1 + 8
    assert len(_found(client, q="zoe", limit=20)) == 4 + 1 + 20


def test_every_word_must_be_there_and_the_trash_is_not_searched(client: Client) -> None:
    assert _found(client, q="zoe call") == [("task", 1)]
    client.delete("/api/tasks/1")
    client.delete("/api/contacts/1")
    assert _found(client, q="zoe call") == []
    found = client.read("/api/search", q="zoe")["items"]
    assert [item["subtitle"] for item in found] == ["zoe@example.com", None, None, None]


@pytest.mark.parametrize("query", ["", "q=%21%26%7C", "q=nobody"])
def test_without_words_nothing_is_found(query: str, client: Client) -> None:
    assert client.read(f"/api/search?{query}") == {"items": []}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/search?q=", "q"),
        ("/api/search?q=%20", "q"),
        ("/api/search?q=a&limit=0", "limit"),
        ("/api/search?q=a&limit=21", "limit"),
        ("/api/search?query=a", "query"),
        ("/api/search?q=" + "a" * 201, "q"),
        ("/api/activity?limit=101", "limit"),
        ("/api/activity?by=me", "by"),
        ("/api/tags?noun=contacts", "noun"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(address: str, name: str, client: Client) -> None:
    answer = client.get(address)
    assert answer.status_int == 400
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [name]


def _told(client: Client, **query: Any) -> list[tuple[str, int, str]]:
    items = client.read("/api/activity", **query)["items"]
    return [(item["noun"], item["id"], item["verb"]) for item in items]


def test_what_happened_last_is_told_newest_first(client: Client, north: Company) -> None:
    assert _told(client, limit=2) == [("task", 1, "created"), ("project", 1, "created")]
    admin = north.client("admin")
    admin.patch("/api/contacts/2", {"note": "New"})
    admin.post("/api/tasks/1/complete")
    client.delete("/api/contacts/3")
    items = client.read("/api/activity", limit=3)["items"]
    people = north.people
    assert [(item["title"], item["verb"], item["by"]) for item in items] == [
        ("Zoe", "removed", people["owner"]),
        ("Call Zoe", "completed", people["admin"]),
        ("Ann Zoellner", "changed", people["admin"]),
    ]
    assert items[1]["at"] == client.read("/api/tasks/1")["updated_at"]
    assert _told(client, by=people["admin"]) == [("task", 1, "completed"), ("contact", 2, "changed")]
    assert len(_told(client, by=people["owner"])) == 4
    assert _told(client, by=people["viewer"]) == []


def test_a_done_task_that_is_changed_later_is_merely_changed(client: Client, north: Company) -> None:
    client.post("/api/tasks/1/complete")
    north.execute("UPDATE task SET completed_at = completed_at - interval '1 hour'")
    client.patch("/api/tasks/1", {"title": "Called Zoe"})
    assert _told(client, limit=1) == [("task", 1, "changed")]


def test_what_went_along_into_the_trash_is_not_told(client: Client) -> None:
    client.create("/api/tasks/1/tasks", title="Below")
    client.create("/api/tasks", title="Alone")
    client.create("/api/tasks/3/tasks", title="Below too")
    client.delete("/api/projects/1")
    client.delete("/api/tasks/3")
    removed = [told for told in _told(client) if told[2] == "removed"]
    assert removed == [("task", 3, "removed"), ("project", 1, "removed")]


def test_what_was_done_to_many_in_one_go_is_one_line(client: Client, north: Company) -> None:
    new = [{"given_name": f"New {number}"} for number in range(50)]
    batch = client.post("/api/contacts/bulk", {"create": new}).json["batch_id"]
    client.patch("/api/contacts/2", {"note": "New", "job_title": "Boss"})
    changed, created, *_ = client.read("/api/activity", limit=10)["items"]
    assert (sorted(changed["fields"]), changed["count"]) == (["job_title", "note"], 1)
    assert (created["noun"], created["verb"], created["count"]) == ("contact", "created", 50)
    assert created["batch_id"] == batch
    undone = client.post(f"/api/batches/{batch}/undo").json["batch"]
    (latest,) = client.read("/api/activity", limit=1)["items"]
    assert (latest["verb"], latest["count"], latest["batch_id"]) == ("removed", 50, undone)


def test_what_is_older_than_the_log_is_told_by_the_rows(client: Client, north: Company) -> None:
    client.delete("/api/contacts/3")
    before = _told(client)
    north.execute("DELETE FROM batch_row; DELETE FROM batch; DELETE FROM change")
    assert _told(client) == before
    client.patch("/api/contacts/2", {"note": "New"})
    client.patch("/api/contacts/2", {"note": "Newer"})
    assert _told(client) == [
        ("contact", 2, "changed"),
        *(told for told in before if told[:2] != ("contact", 2)),
    ]


def test_tags_are_counted(client: Client) -> None:
    client.create("/api/contacts", given_name="Gone", tags=["gone"])
    client.delete("/api/contacts/5")
    assert client.read("/api/tags") == {
        "contacts": [{"name": "vip", "count": 2}, {"name": "a", "count": 1}, {"name": "b", "count": 1}],
        "projects": [{"name": "vip", "count": 1}],
        "tasks": [{"name": "phone", "count": 1}],
    }


def test_of_many_tags_the_most_used_are_told(client: Client) -> None:
    new = [{"title": "T", "labels": [f"l{10 * n + m}" for m in range(10)]} for n in range(25)]
    client.post("/api/tasks/bulk", {"create": [*new, {"title": "T", "labels": ["l249"]}]})
    tasks = client.read("/api/tags")["tasks"]
    assert len(tasks) == 200
    assert tasks[0] == {"name": "l249", "count": 2}
