"""Lists: pages by keyset, order, filters, fields, totals, words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from crmtenant.api.crm import ENTITIES
from crmtenant.text.tokens import fold
from tests.functional.installation import Client, Company
from tests.functional.surface import Endpoint, lists

NOUNS = [one.collection.item.entity for one in ENTITIES]
LISTS = [f"/api/{noun.collection}" for noun in NOUNS]


@pytest.fixture(scope="module")
def client(south_for_all: Company) -> Client:
    """A company with 250 contacts, 40 tasks and 5 projects, many of them equal in what they are sorted by."""
    south_for_all.empty()
    client = south_for_all.client()
    contacts = [{"given_name": f"Person {n % 7}", "tags": [f"t{n % 3}"]} for n in range(250)]
    assert client.post("/api/contacts/bulk", {"create": contacts}).status_int == 200
    names = ["Delta", "alpha", "Émile", "alpha", "Zoë"]
    projects = [{"name": n, "status": "active" if n == "alpha" else "planned"} for n in names]
    projects[0]["due_on"] = "2026-01-01"
    assert client.post("/api/projects/bulk", {"create": projects}).status_int == 200
    dues = [None, "2026-05-01", "2026-01-01", "2026-05-01"]
    tasks = [
        {"title": f"Task {n % 5}", "priority": n % 5, "due_on": dues[n % 4], "project_id": 1}
        for n in range(40)
    ]
    assert client.post("/api/tasks/bulk", {"create": tasks}).status_int == 200
    views = [{"name": name, "page": "tasks"} for name in (*names, "alpha", "Beta")]
    assert client.post("/api/views/bulk", {"create": views}).status_int == 200
    entries = [
        {
            "body": f"Note {n}",
            "subject_type": "contact",
            "subject_id": 1 + n % 9,
            "happened_at": f"2026-01-0{1 + n % 9}T10:00:00Z",
        }
        for n in range(20)
    ]
    assert client.post("/api/entries/bulk", {"create": entries}).status_int == 200
    return client


def walk(client: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    page = client.read(path, **query)
    items = page["items"]
    while page["next"]:
        page = client.read(page["next"])
        items += page["items"]
    return items


SORTS = [
    (f"/api/{noun.collection}", sort, descending)
    for noun in NOUNS
    for sort in noun.sorts
    for descending in (False, True)
]


def _key(item: dict[str, Any], sort: str) -> Any:
    value = item[sort]
    if sort in {"name", "title"}:
        return fold(value), item["id"]
    if sort == "last_touch_at":
        return value or "", item["id"]
    return ("9999-12-31" if value is None else value), item["id"]


@pytest.mark.parametrize(("path", "sort", "descending"), SORTS)
def test_pages_in_any_order_hold_each_item_once(
    path: str, sort: str, descending: bool, client: Client
) -> None:
    items = walk(client, path, limit=7, sort=f"{'-' if descending else ''}{sort}")
    assert items == sorted(items, key=lambda item: _key(item, sort), reverse=descending)
    total = client.read(path, count=True, limit=1)["total"]
    assert len({item["id"] for item in items}) == len(items) == total


def test_every_documented_order_is_tried() -> None:
    tried = {(path, sort) for path, sort, _ in SORTS}
    documented = {(e.path, sort) for e in lists() if e.path in LISTS for sort in e.query.SORTS}
    assert tried == documented


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "updated_at"])
def test_a_walk_with_inserts_in_between_sees_each_old_row_once(sort: str, north: Company) -> None:
    client = north.client()
    old = [{"given_name": f"Old {n % 9}"} for n in range(250)]
    made = client.post("/api/contacts/bulk", {"create": old}).json["created"]
    seen: list[int] = []
    page = client.read("/api/contacts", limit=20, sort=sort)
    while True:
        seen += [item["id"] for item in page["items"]]
        client.create("/api/contacts", given_name="Old 4 and new")
        if page["next"] is None:
            break
        page = client.read(page["next"])
    assert len(seen) == len(set(seen))
    assert {item["id"] for item in made} <= set(seen)


@pytest.mark.parametrize("path", LISTS)
def test_a_page_has_the_default_and_the_largest_limit(path: str, client: Client) -> None:
    total = client.read(path, count=True, limit=1)["total"]
    assert len(client.read(path)["items"]) == min(50, total)
    assert len(client.read(path, limit=1000)["items"]) == total
    assert client.read(path, limit=1000)["next"] is None


@pytest.mark.parametrize("endpoint", lists(), ids=str)
@pytest.mark.parametrize("limit", ["0", "-1", "1001", "1000000000", "9" * 30, "abc", "1.0", "", "٣", "true"])
def test_a_limit_beyond_the_bounds_is_refused(endpoint: Endpoint, limit: str, client: Client) -> None:
    answer = client.get(endpoint.path.format(id=1), limit=limit)
    assert answer.status_int == 400
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == ["limit"]


@pytest.mark.parametrize("endpoint", lists(), ids=str)
@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "sort=nonsense", "sort=name;drop", "fields=nonsense", "fields=", "count=yes", "cursor=!", "cursor=",
     "cursor=AAAA", "limit=1&limit=2", "page=2", "offset=5", "q=", "q=%20"],
)  # fmt: skip
def test_a_query_that_means_nothing_is_refused(endpoint: Endpoint, query: str, client: Client) -> None:
    answer = client.get(f"{endpoint.path.format(id=1)}?{query}")
    assert answer.status_int == 400
    assert answer.json["code"] == "invalid_query"
    assert query.partition("=")[0] in {field_error["pointer"] for field_error in answer.json["errors"]}


def test_every_fault_of_a_query_is_told_at_once(client: Client) -> None:
    answer = client.get("/api/contacts?nonsense=1&limit=0&sort=x&kind=robot&created_after=soon")
    pointers = [field_error["pointer"] for field_error in answer.json["errors"]]
    assert sorted(pointers) == ["created_after", "kind", "limit", "nonsense", "sort"]


@pytest.mark.parametrize("path", ["/api", "/api/contacts/1", "/api/tasks/1"])
def test_what_takes_no_parameters_refuses_them(path: str, client: Client) -> None:
    answer = client.get(f"{path}?nonsense=1")
    assert answer.status_int == 400
    assert answer.json["errors"][0]["pointer"] == "nonsense"
    assert client.post("/api/contacts?dry=1", {"given_name": "No"}).status_int == 400


def test_a_tampered_or_misplaced_cursor_is_refused(client: Client) -> None:
    following = client.read("/api/contacts", limit=1, sort="name")["next"]
    address, _, cursor = following.partition("cursor=")
    assert client.get(following).status_int == 200
    for other in (cursor[:-2], cursor + "AA", cursor.swapcase(), cursor[::-1]):
        assert client.get(f"{address}cursor={other}").status_int == 400
    assert client.get(f"/api/contacts?limit=1&sort=-name&cursor={cursor}").status_int == 400
    assert client.get(f"/api/tasks?limit=1&sort=title&cursor={cursor}").status_int == 400


def test_the_cursor_of_the_next_page_stands_beside_its_address(owner: Client) -> None:
    for name in ("Anna", "Ben"):
        owner.create("/api/contacts", given_name=name)
        owner.delete(f"/api/contacts/{owner.create('/api/contacts', given_name=name)['id']}")
    for path in ("/api/contacts", "/api/trash"):
        page = owner.read(path, limit=1)
        assert page["next"].endswith(f"cursor={page['next_cursor']}")
        last = owner.read(path, limit=1, cursor=page["next_cursor"])
        assert last == owner.read(page["next"])
        assert last["next"] is last["next_cursor"] is None
    members = owner.read("/api/members")
    assert members["next"] is members["next_cursor"] is None


def test_a_search_for_nothing_is_refused(client: Client) -> None:
    refused = client.get("/api/search", q=" ")
    assert refused.status_int == 400
    assert refused.json["errors"][0] == {
        "pointer": "q",
        "code": "required",
        "detail": "This must not be empty.",
    }
    assert client.read("/api/search") == {"items": []}


def test_next_keeps_what_was_asked(client: Client) -> None:
    page = client.read("/api/contacts", limit=2, sort="-name", tag="t1", fields="name", count=True)
    following = client.read(page["next"])
    assert following["total"] == page["total"]
    assert {frozenset(item) for item in following["items"]} == {frozenset({"id", "name"})}


@pytest.mark.parametrize("path", LISTS)
def test_fields_are_those_asked_for_and_the_id(path: str, client: Client) -> None:
    (item,) = client.read(path, limit=1, fields="version,created_at")["items"]
    assert list(item) == ["id", "created_at", "version"]


@pytest.mark.parametrize("path", LISTS)
def test_a_total_comes_only_when_asked_for(path: str, client: Client) -> None:
    assert "total" not in client.read(path, limit=1)
    assert "total" not in client.read(path, limit=1, count=False)
    assert client.read(path, limit=1, count=True)["total"] > 0


def test_a_total_counts_what_the_filters_leave(client: Client) -> None:
    page = client.read("/api/contacts", tag="t1", count=True, limit=5)
    assert page["total"] == len(walk(client, "/api/contacts", tag="t1", limit=100)) == 83
    nothing = {"items": [], "next": None, "next_cursor": None, "total": 0}
    assert client.read("/api/contacts", tag="nobody", count=True) == nothing


@pytest.mark.parametrize("path", ["/api/contacts", "/api/projects", "/api/tasks"])
def test_what_was_changed_last_comes_first(path: str, client: Client) -> None:
    changed = client.read(f"{path}/1")
    client.patch(f"{path}/1", {"description" if path != "/api/contacts" else "note": changed["updated_at"]})
    assert client.ids(path, limit=1) == [1]


def test_items_of_lists_are_items(client: Client) -> None:
    for path in LISTS:
        (item,) = client.read(path, limit=1)["items"]
        assert client.read(f"{path}/{item['id']}") == item
    assert all(
        a["position"] <= b["position"] for a, b in pairwise(client.read("/api/projects/1/tasks")["items"])
    )
