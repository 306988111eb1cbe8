"""Items: their form, reading, changing, versions, errors; the same for every noun."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crmtenant.api.crm import ENTITIES
from tests.functional.installation import Client, Company

NEW: dict[str, dict[str, Any]] = {
    "contacts": {"given_name": "Anna", "family_name": "Berg"},
    "projects": {"name": "Bridge"},
    "columns": {"name": "Doing", "project_id": 1},
    "tasks": {"title": "Call"},
    "entries": {"body": "Wants a quote", "subject_type": "contact", "subject_id": 1},
    "views": {"name": "Mine", "page": "tasks", "query": {"status": "open"}, "is_shared": True},
}
CHANGE = {
    "contacts": "note",
    "projects": "description",
    "columns": "name",
    "tasks": "description",
    "entries": "is_pinned",  # its words are its author's
    "views": "name",
}
NOUNS = sorted(NEW)
COLLECTIONS = {one.collection.item.entity.name: one.collection.item.entity.collection for one in ENTITIES}


def changed(noun: str, words: str) -> dict[str, Any]:
    """A change of the noun's field that anybody may change."""
    return {CHANGE[noun]: True if noun == "entries" else words}


MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")


@pytest.fixture(scope="module")
def client(south_for_all: Company) -> Client:
    south_for_all.empty()
    client = south_for_all.client()
    client.create("/api/projects", name="Board")
    client.create("/api/contacts", kind="organization", name="Acme")
    return client


@pytest.fixture(params=NOUNS)
def noun(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def made(noun: str, client: Client) -> Any:
    return client.post(f"/api/{noun}", NEW[noun])


def test_a_new_item_is_told_whole(noun: str, made: Any, south_for_all: Company) -> None:
    assert made.status_int == 201
    item = made.json
    assert made.headers["Location"] == f"/api/{noun}/{item['id']}"
    assert made.headers["ETag"].startswith('"')
    assert item["version"] == 1
    assert item["created_by"] == item["updated_by"] == south_for_all.people["owner"]
    assert item["created_at"] == item["updated_at"]
    assert MOMENT.fullmatch(item["created_at"])
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Vary"] == "Authorization"
    assert re.fullmatch("[0-9a-f]{16}", made.headers["X-Request-Id"])


EVERY_KIND_OF_VALUE: list[tuple[str, dict[str, Any]]] = [
    (
        "contacts",
        {
            "given_name": 'Yılmaz "Ø" \\ O\'Neill 100 % %(x)s $1 \U0001f600',
            "birthday": "1901-02-03",
            "note": "one\n\ttwo\u2028three </script>",
            "tags": ['a"b', "ß", "NULL"],
            "custom": {"moment": "2026-11-28T10:00:00+00:00", "quoted": '"created_at":"x+00:00"'},
            "emails": [{"label": "work", "value": "anna@north.example", "is_primary": True}],
        },
    ),
    ("tasks", {"title": "Whole second", "due_at": "2026-12-01T10:00:00Z", "estimate_minutes": 90}),
    ("tasks", {"title": "Six digits", "due_at": "2026-12-01T10:00:00.100000Z"}),
    ("tasks", {"title": "Elsewhere", "due_at": "2026-12-01T10:00:00.000001+02:00", "position": 0.1}),
    ("projects", {"name": "Counted", "start_on": "2026-01-31"}),
]
"""Values that PostgreSQL and we ourselves must write alike."""


@pytest.mark.parametrize(("noun", "body"), EVERY_KIND_OF_VALUE)
def test_an_item_is_the_same_in_every_answer(noun: str, body: dict[str, Any], client: Client) -> None:
    made = client.post(f"/api/{noun}", body)
    assert made.status_int == 201, made.text
    path, item = made.headers["Location"], made.json
    assert client.read(path) == item
    assert client.get(path).headers["ETag"] == made.headers["ETag"]
    assert client.read(f"/api/{noun}", id=item["id"])["items"] == [item]
    assert client.read(f"/api/{noun}", sort="-created_at", limit=1)["items"] == [item]
    assert client.read(f"/api/{noun}", sort="-created_at", limit=1, count=True)["items"] == [item]


def test_an_item_that_was_seen_is_not_sent_again(made: Any, client: Client) -> None:
    path, etag = made.headers["Location"], made.headers["ETag"]
    for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = client.get(path, {"If-None-Match": header})
        assert answer.status_int == 304
        assert answer.body == b""
        assert answer.headers["ETag"] == etag
        assert answer.headers["Vary"] == "Authorization"
    assert client.get(path, {"If-None-Match": '"other"'}).json == made.json


def test_a_change_is_a_version_further(noun: str, made: Any, client: Client) -> None:
    path, change = made.headers["Location"], changed(noun, "New words")
    answer = client.patch(path, change, {"If-Match": made.headers["ETag"]})
    assert answer.status_int == 200
    assert answer.json == {
        **made.json, **change, "version": 2, "updated_at": answer.json["updated_at"],
    }  # fmt: skip
    assert answer.json["updated_at"] > made.json["updated_at"]
    assert answer.headers["ETag"] != made.headers["ETag"]
    assert client.get(path).headers["ETag"] == answer.headers["ETag"]


def test_a_change_of_nothing_is_no_version(made: Any, client: Client) -> None:
    same = {name: value for name, value in made.json.items() if name in {"name", "title", "tags", "labels"}}
    for patch in ({}, same):
        answer = client.patch(made.headers["Location"], patch)
        assert answer.status_int == 200
        assert answer.json == made.json
        assert answer.headers["ETag"] == made.headers["ETag"]


def test_who_changed_an_item_last_is_told(noun: str, made: Any, south_for_all: Company) -> None:
    path, people = made.headers["Location"], south_for_all.people
    south_for_all.client("admin").patch(path, changed(noun, "New words"))
    south_for_all.client("member").patch(path, changed(noun, "New words"))
    item = south_for_all.client().read(path)
    assert (item["created_by"], item["updated_by"]) == (people["owner"], people["admin"])
    south_for_all.client().delete(path)
    back = south_for_all.client("admin").post(f"{path}/restore").json
    assert (back["created_by"], back["updated_by"]) == (people["owner"], people["admin"])


@pytest.mark.parametrize("stale", ['"other"', "", "other", 'W/"x"'])
def test_a_stale_version_is_refused(noun: str, stale: str, made: Any, client: Client) -> None:
    path = made.headers["Location"]
    for answer in (
        client.patch(path, changed(noun, "No"), {"If-Match": stale}),
        client.delete(path, {"If-Match": stale}),
    ):
        assert answer.status_int == 412
        assert answer.content_type == "application/problem+json"
        assert answer.json["code"] == "stale"
        assert answer.json["current"] == made.json
    assert client.read(path) == made.json


def test_our_tag_is_ours_though_a_proxy_has_weakened_it(noun: str, made: Any, client: Client) -> None:
    etag = f"W/{made.headers['ETag']}"
    assert client.patch(made.headers["Location"], changed(noun, "Yes"), {"If-Match": etag}).status_int == 200
    assert client.patch(made.headers["Location"], changed(noun, "No"), {"If-Match": etag}).status_int == 412


def test_any_version_may_be_meant(noun: str, made: Any, client: Client) -> None:
    path = made.headers["Location"]
    assert client.patch(path, changed(noun, "Yes"), {"If-Match": "*"}).status_int == 200
    assert client.delete(path, {"If-Match": f'"x", {client.get(path).headers["ETag"]}'}).status_int == 204


def test_what_is_thrown_away_is_gone_and_comes_back(noun: str, made: Any, client: Client) -> None:
    path = made.headers["Location"]
    gone = client.delete(path)
    assert (gone.status_int, gone.body) == (204, b"")
    for answer in (client.get(path), client.patch(path, {}), client.delete(path)):
        assert answer.status_int == 404
    assert made.json["id"] not in client.ids(f"/api/{noun}", limit=1000)
    (found,) = [
        item for item in client.read("/api/trash", limit=1000)["items"]
        if (COLLECTIONS[item["type"]], item["id"]) == (noun, made.json["id"])
    ]  # fmt: skip
    assert found["links"]["restore"] == f"{path}/restore"
    back = client.post(found["links"]["restore"])
    assert back.status_int == 200
    assert back.json["version"] == 3
    assert client.read(path) == back.json
    assert client.post(f"{path}/restore").status_int == 404


@pytest.mark.parametrize("name", ["id", "created_at", "updated_at", "created_by", "updated_by", "version"])
def test_what_the_server_sets_is_refused(noun: str, name: str, made: Any, client: Client) -> None:
    for answer in (
        client.post(f"/api/{noun}", {**NEW[noun], name: made.json[name]}),
        client.patch(made.headers["Location"], {name: made.json[name]}),
        client.patch(made.headers["Location"], {name: None}),
    ):
        assert answer.status_int == 422
        assert answer.json["errors"] == [
            {"pointer": f"/{name}", "code": "read_only_field", "detail": "This field is set by the server."}
        ]


@pytest.mark.parametrize(
    "name", ["nonsense", "tid", "tenant_id", "is_admin", "deleted_at", "search", "a/b~c"]
)
def test_an_unknown_field_is_named(noun: str, name: str, made: Any, client: Client) -> None:
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    for answer in (
        client.post(f"/api/{noun}", {**NEW[noun], name: 1}),
        client.patch(made.headers["Location"], {name: 1}),
        client.patch(made.headers["Location"], {name: None}),
        client.post(f"/api/{noun}/bulk", {"create": [{**NEW[noun], name: 1}]}),
    ):
        assert answer.status_int == 422
        (field_error,) = answer.json["errors"]
        assert field_error["pointer"].endswith(pointer)
        assert field_error["code"] == "unknown_field"


def test_a_problem_has_its_form(client: Client) -> None:
    answer = client.get("/api/contacts/999999")
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "request_id"}
    assert (answer.json["status"], answer.json["title"]) == (404, "Not Found")
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_every_fault_of_a_body_is_told_at_once(client: Client) -> None:
    wrong = {
        "kind": "robot", "emails": [{"value": "no"}], "phones": [{"value": "x"}], "birthday": "2026-02-30",
        "tags": "one", "nonsense": 1,
    }  # fmt: skip
    pointers = {field_error["pointer"] for field_error in client.post("/api/contacts", wrong).json["errors"]}
    assert pointers == {"/kind", "/emails/0/value", "/phones/0/value", "/birthday", "/tags", "/nonsense"}


def test_every_unknown_reference_is_told_at_once(client: Client) -> None:
    wrong = {"title": "Call", "project_id": 999, "contact_id": 999, "assignee_ids": ["u_" + "a" * 26]}
    field_errors = client.post("/api/tasks", wrong).json["errors"]
    assert {(field_error["pointer"], field_error["code"]) for field_error in field_errors} == {
        ("/project_id", "unknown_reference"),
        ("/contact_id", "unknown_reference"),
        ("/assignee_ids", "unknown_member"),
    }


def test_an_old_reference_is_not_held_against_a_change(north: Company) -> None:
    client = north.client()
    client.create("/api/contacts", kind="organization", name="Acme")
    client.create("/api/contacts", given_name="Anna", organization_id=1)
    client.create("/api/tasks", title="Call", contact_id=2)
    client.delete("/api/contacts/1")
    assert client.patch("/api/contacts/2", {"note": "Still here"}).status_int == 200
    client.delete("/api/contacts/2")
    assert client.patch("/api/tasks/1", {"title": "Call again"}).status_int == 200
    assert client.patch("/api/tasks/1", {"contact_id": 1}).status_int == 422


def test_a_nested_collection_lists_and_creates(client: Client) -> None:
    person = client.create("/api/contacts/1/contacts", given_name="Eve")
    assert person["organization_id"] == 1
    project = client.create("/api/contacts/1/projects", name="Theirs")
    assert project["contact_id"] == 1
    task = client.create(f"/api/projects/{project['id']}/tasks", title="First")
    below = client.create(f"/api/tasks/{task['id']}/tasks", title="Below")
    assert (below["parent_id"], below["project_id"]) == (task["id"], project["id"])
    mine = client.create("/api/contacts/1/tasks", title="For them")
    column = client.create(f"/api/projects/{project['id']}/columns", name="More")
    for path, item in {
        "contacts/1/contacts": person, "contacts/1/projects": project, f"tasks/{task['id']}/tasks": below,
        "contacts/1/tasks": mine, f"projects/{project['id']}/columns": column,
    }.items():  # fmt: skip
        page = client.read(f"/api/{path}", count=True, limit=1000)
        assert item["id"] in [found["id"] for found in page["items"]]
        assert page["total"] == len(page["items"])
    assert client.get(f"/api/projects/{project['id']}/tasks/{task['id']}").status_int == 404


@pytest.mark.parametrize("given", [2, True, "1", 1.0, [1]])
def test_a_nested_item_belongs_where_it_was_posted(given: Any, client: Client) -> None:
    answer = client.post("/api/projects/1/tasks", {"title": "Elsewhere", "project_id": given})
    assert answer.status_int == 422
    assert answer.json["errors"][0]["pointer"] == "/project_id"
    assert client.get("/api/projects/1/tasks", project_id=2).status_int == 400


@pytest.mark.parametrize("path", ["projects/999/tasks", "contacts/999/contacts", "tasks/999/tasks"])
def test_a_nested_collection_needs_its_owner(path: str, client: Client) -> None:
    for count in (True, False):
        assert client.get(f"/api/{path}", count=count).status_int == 404
    assert client.post(f"/api/{path}", {}).status_int == 404
