"""Bodies where none is expected, nulls for fields that always have a value, names made of their parts."""

from __future__ import annotations

import pytest

from tests.functional.installation import Company


@pytest.fixture
def task(north: Company) -> str:
    created = north.client("owner").post("/api/tasks", {"title": "Call"})
    return f"/api/tasks/{created.json['id']}"


@pytest.mark.parametrize("action", ["complete", "reopen"])
def test_what_is_said_where_nothing_is_asked_is_refused(north: Company, task: str, action: str) -> None:
    client = north.client("owner")
    refused = client.post(f"{task}/{action}", {"x": 1})
    assert (refused.status_int, refused.json["errors"][0]["pointer"]) == (422, "/x")
    assert client.post(f"{task}/{action}", {}).status_int == 200


def test_a_field_that_always_has_a_value_is_not_emptied(north: Company) -> None:
    client = north.client("owner")
    acme = client.post("/api/contacts", {"kind": "organization", "name": "Acme"}).json
    refused = client.patch(f"/api/contacts/{acme['id']}", {"kind": None})
    assert refused.status_int == 422
    assert refused.json["errors"] == [
        {"pointer": "/kind", "code": "required", "detail": "This always has a value."}
    ]


def test_a_made_name_follows_its_parts_even_when_it_is_sent_back(north: Company) -> None:
    client = north.client("owner")
    ann = client.post("/api/contacts", {"given_name": "Ann", "family_name": "Bee"}).json
    address = f"/api/contacts/{ann['id']}"
    unchanged = client.patch(address, {"name": "Ann Bee", "given_name": "Ann"}).json
    assert unchanged["version"] == ann["version"]
    married = client.patch(address, {"name": "Ann Bee", "family_name": "Cole"}).json
    assert married["name"] == "Ann Cole"
    assert client.patch(address, {"name": "Annie"}).json["name"] == "Annie"
    assert client.patch(address, {"family_name": "Dee"}).json["name"] == "Annie"
