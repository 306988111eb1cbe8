"""Filters and search: each finds what it says and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.functional.installation import Client, Company
from tests.functional.surface import lists

CONTACTS: list[dict[str, Any]] = [
    {"kind": "organization", "name": "Čez Überlandwerk GmbH", "tags": ["energy"]},
    {
        "given_name": "Zoë", "family_name": "Müller-Lüdenscheidt", "organization_id": 1,
        "emails": [{"value": "Zoe.Mueller@Example.COM"}], "phones": [{"value": "+49 30 901820"}],
        "addresses": [{"city": "Praha", "country": "cz"}], "tags": ["vip", "a,b"], "note": "likes 100% wool",
    },
    {"given_name": "太郎", "family_name": "山田", "phones": [{"value": "+81 3-1234-5678"}]},
    {"given_name": "François", "family_name": "O'Brien_Smith", "emails": [{"value": "fob@jp.example"}],
     "addresses": [{"city": "Lyon", "country": "FR"}]},
]  # fmt: skip


@pytest.fixture(scope="module")
def company(south_for_all: Company) -> Company:
    south_for_all.empty()
    client = south_for_all.client()
    for contact in CONTACTS:
        client.create("/api/contacts", **contact)
    person = south_for_all.people["member"]
    client.patch("/api/contacts/3", {"owner_id": person})
    client.create("/api/projects", name="Neubau Brücke", contact_id=1, owner_id=person, status="active",
                  due_on="2026-06-30", tags=["bau"], description="Beton")  # fmt: skip
    client.create("/api/projects", name="Second", member_ids=[person])
    client.create("/api/tasks", title="Überfällig", project_id=1, column_id=1, due_on="2020-01-01",
                  priority=3, labels=["urgent"], contact_id=2)  # fmt: skip
    client.create(
        "/api/tasks", title="Later", kind="call", assignee_ids=[person], due_on="2999-01-01", parent_id=1
    )
    client.create("/api/tasks", title="No day", status="done", description="mit Käse")
    client.create("/api/views", name="Ours", page="contacts", query={"tag": "vip"})
    client.create("/api/views", name="Late", page="tasks", query={"overdue": "true"})
    client.create(
        "/api/contacts/2/entries",
        body=f"Wants Käse @[{person}]",
        happened_at="2020-05-01T10:00:00Z",
        is_pinned=True,
    )
    client.create("/api/entries/1/entries", body="Sent")
    south_for_all.client("member").create(
        "/api/projects/1/entries", body="Beton bestellt", kind="call", outcome="reached", contact_ids=[3]
    )
    return south_for_all


@pytest.fixture(scope="module")
def client(company: Company) -> Client:
    return company.client()


MEMBER = "the member"
COMPANY_CREATED: list[tuple[str, str, str, list[int]]] = [
    ("contacts", "id", "2", [2]),
    ("contacts", "id", "4,1,4,999", [1, 4]),
    ("contacts", "id", ",".join(map(str, range(1, 201))), [1, 2, 3, 4]),
    ("projects", "id", "2", [2]),
    ("tasks", "id", "3,1", [1, 3]),
    ("contacts", "kind", "organization", [1]),
    ("contacts", "kind", "person", [2, 3, 4]),
    ("contacts", "tag", "vip", [2]),
    ("contacts", "tag", "a,b", [2]),
    ("contacts", "tag", "VIP", []),
    ("contacts", "organization_id", "1", [2]),
    ("contacts", "owner_id", MEMBER, [3]),
    ("contacts", "email", "zoe.mueller@example.com", [2]),
    ("contacts", "email", "ZOE.MUELLER@EXAMPLE.COM", [2]),
    ("contacts", "email", "mueller", []),
    ("contacts", "phone", "+4930901820", [2]),
    ("contacts", "phone", "030/90 18 20", [2]),
    ("contacts", "phone", "+81 (3) 1234 5678", [3]),
    ("contacts", "country", "CZ", [2]),
    ("contacts", "country", "fr", [4]),
    ("contacts", "created_after", "2999-01-01T00:00:00Z", []),
    ("contacts", "created_after", "2020-01-01", [1, 2, 3, 4]),
    ("contacts", "updated_after", "2020-01-01T00:00:00+01:00", [1, 2, 3, 4]),
    ("contacts", "q", "uberlandwerk", [1, 2]),
    ("contacts", "q", "CEZ", [1, 2]),
    ("contacts", "q", "zoe", [2]),
    ("contacts", "q", "muller", [2]),
    ("contacts", "q", "mueller lued", [2]),
    ("contacts", "q", "zoe cez", [2]),
    ("contacts", "q", "example.com", [2]),
    ("contacts", "q", "901820", [2]),
    ("contacts", "q", "030 9018", [2]),
    ("contacts", "q", "+49 30 90", [2]),
    ("contacts", "q", "山", [3]),
    ("contacts", "q", "太郎", [3]),
    ("contacts", "q", "o'brien", [4]),
    ("contacts", "q", "francois fob", [4]),
    ("contacts", "q", "wool", [2]),
    ("contacts", "q", "lyon", [4]),
    ("contacts", "q", "zoe nobody", []),
    ("contacts", "q", "%", []),
    ("contacts", "q", "_", []),
    ("contacts", "q", "\\", []),
    ("contacts", "q", "!!! & | ( ) : * <->", []),
    ("contacts", "q", "'", []),
    ("projects", "status", "active", [1]),
    ("projects", "status", "planned,active,planned", [1, 2]),
    ("projects", "status", "on_hold,done", []),
    ("projects", "contact_id", "1", [1]),
    ("projects", "owner_id", MEMBER, [1]),
    ("projects", "member_id", MEMBER, [2]),
    ("projects", "due_before", "2026-07-01", [1]),
    ("projects", "due_before", "2026-06-30", []),
    ("projects", "due_after", "2026-06-29", [1]),
    ("projects", "tag", "bau", [1]),
    ("projects", "created_after", "2999-01-01", []),
    ("projects", "updated_after", "2020-01-01", [1, 2]),
    ("projects", "q", "brucke", [1]),
    ("projects", "q", "beton", [1]),
    ("contacts", "untouched_for_days", "30", [1, 2]),
    ("contacts", "untouched_for_days", "1000", [1, 2]),
    ("entries", "id", "3,1", [1, 3]),
    ("entries", "kind", "call", [3]),
    ("entries", "subject_type", "contact", [1, 2]),
    ("entries", "subject_id", "1", [3]),
    ("entries", "parent_id", "1", [2]),
    ("entries", "contact_id", "2", [1]),
    ("entries", "contact_id", "3", [3]),
    ("entries", "organization_id", "1", [1]),
    ("entries", "created_by", MEMBER, [3]),
    ("entries", "mentions", MEMBER, [1]),
    ("entries", "is_pinned", "true", [1]),
    ("entries", "is_pinned", "false", [2, 3]),
    ("entries", "happened_after", "2021-01-01", [2, 3]),
    ("entries", "happened_before", "2021-01-01", [1]),
    ("entries", "created_after", "2999-01-01", []),
    ("entries", "updated_after", "2020-01-01", [1, 2, 3]),
    ("entries", "q", "kase", [1]),
    ("tasks", "kind", "call", [2]),
    ("columns", "project_id", "2", [4, 5, 6]),
    ("views", "page", "tasks", [2]),
    ("tasks", "project_id", "1", [1, 2]),
    ("tasks", "parent_id", "1", [2]),
    ("tasks", "column_id", "1", [1, 2]),
    ("tasks", "assignee_id", MEMBER, [2]),
    ("tasks", "status", "done", [3]),
    ("tasks", "label", "urgent", [1]),
    ("tasks", "priority", "3", [1]),
    ("tasks", "contact_id", "2", [1]),
    ("tasks", "customer_id", "1", [1, 2]),
    ("tasks", "customer_id", "2", [1]),
    ("tasks", "customer_id", "3", []),
    ("tasks", "due_before", "2021-01-01", [1]),
    ("tasks", "due_after", "2021-01-01", [2]),
    ("tasks", "overdue", "true", [1]),
    ("tasks", "overdue", "false", [2, 3]),
    ("tasks", "resting", "true", []),
    ("tasks", "resting", "false", [1, 2, 3]),
    ("tasks", "created_after", "2999-01-01", []),
    ("tasks", "updated_after", "2020-01-01", [1, 2, 3]),
    ("tasks", "q", "uberfallig", [1]),
    ("tasks", "q", "kase", [3]),
    ("tasks", "q", "urgent", [1]),
]


@pytest.mark.parametrize(("collection", "name", "value", "ids"), COMPANY_CREATED)
def test_a_filter_finds_what_it_says(
    collection: str, name: str, value: str, ids: list[int], client: Client, company: Company
) -> None:
    asked = company.people["member"] if value == MEMBER else value
    page = client.read(f"/api/{collection}?{name}={quote(asked)}&count=true")
    assert sorted(item["id"] for item in page["items"]) == ids
    assert page["total"] == len(ids)


def test_every_filter_is_tried() -> None:
    tried = {(f"/api/{collection}", name) for collection, name, _, _ in COMPANY_CREATED}
    form = {"limit", "cursor", "sort", "fields", "count"}
    documented = {(e.path, n) for e in lists() for n in e.query.model_fields if "{id}" not in e.path}
    of_no_noun = {"/api/trash", "/api/notifications"}  # tried by tests of their own
    assert {(path, name) for path, name in documented if name not in form and path not in of_no_noun} == tried


def test_filters_narrow_each_other(client: Client) -> None:
    assert client.ids("/api/contacts", kind="person", country="CZ", q="zoe") == [2]
    assert client.ids("/api/contacts", kind="organization", country="CZ") == []
    assert client.ids("/api/contacts", id="1,2", kind="person") == [2]
    assert client.ids("/api/contacts/1/contacts", id="1,2") == [2]


def test_names_are_looked_up_by_id(client: Client) -> None:
    found = client.read("/api/tasks", id="2,3", fields="title", sort="title")
    assert found["items"] == [{"id": 2, "title": "Later"}, {"id": 3, "title": "No day"}]


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("contacts", "id=1,02", "id"), ("contacts", "created_after=yesterday", "created_after"), ("projects", "status=open", "status"),
        ("views", "page=members", "page"), ("tasks", "overdue=1", "overdue"),
    ],
)  # fmt: skip
def test_a_filter_with_an_impossible_value_is_refused(
    path: str, query: str, name: str, client: Client
) -> None:
    answer = client.get(f"/api/{path}?{query}")
    assert answer.status_int == 400
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [name]


def test_people_are_found_by_the_name_of_their_organisation(north: Company) -> None:
    client = north.client()
    client.create("/api/contacts", kind="organization", name="Acme")
    client.create("/api/contacts", given_name="Anna", organization_id=1)
    assert client.ids("/api/contacts", q="acme", sort="name") == [1, 2]
    client.patch("/api/contacts/1", {"name": "Umbrella"})
    assert client.ids("/api/contacts", q="umbrella anna") == [2]
    client.patch("/api/contacts/2", {"nickname": "An"})
    assert client.ids("/api/contacts", q="umbrella", sort="name") == [2, 1]
    assert client.ids("/api/contacts", q="acme") == []
