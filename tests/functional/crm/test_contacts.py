"""Contacts: fields, merge patches, references."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.installation import Client, Company

WHOLE: dict[str, Any] = {
    "kind": "person", "name": "Dr. Zoë Müller", "prefix": "Dr.", "given_name": "Zoë", "middle_name": "M.",
    "family_name": "Müller", "suffix": "MBA", "nickname": "Zo", "organization_id": 1, "job_title": "CEO",
    "department": "Board", "birthday": "1990-02-28", "note": "Line 1\nLine 2 😀", "tags": ["vip", "Ü"],
    "custom": {"size": 42, "ok": True, "list": ["a", "b"], "ratio": 0.5, "text": "x"}, "source": "fair",
    "emails": [{"label": "work", "value": "zoe@example.com", "is_primary": True}],
    "phones": [{"label": None, "value": "+49 30 901820", "is_primary": True, "e164": "+4930901820"}],
    "addresses": [{"label": "home", "is_primary": True, "street": "Weg 1", "postal_code": "10115", "city": "Berlin",
                   "region": None, "country": "DE"}],
    "urls": [{"label": None, "value": "https://example.com/zoe", "is_primary": True}],
}  # fmt: skip


@pytest.fixture
def client(north: Company) -> Client:
    client = north.client()
    client.create("/api/contacts", kind="organization", name="Acme")
    return client


def test_every_field_comes_back_as_it_was_sent(client: Client, north: Company) -> None:
    sent = {**WHOLE, "owner_id": north.people["member"]}
    item = client.create("/api/contacts", **sent)
    assert {name: item[name] for name in sent} == sent
    assert set(item) - set(sent) == {
        "id", "last_touch_at", "created_at", "updated_at", "created_by", "updated_by", "version",
    }  # fmt: skip
    assert client.patch("/api/contacts/2", sent).json == item


def test_every_field_may_be_taken_away(client: Client, north: Company) -> None:
    client.create("/api/contacts", **WHOLE, owner_id=north.people["member"])
    nothing = {name: None for name in WHOLE if name not in {"kind", "name"}}
    item = client.patch("/api/contacts/2", {**nothing, "owner_id": None}).json
    empty = {name: item[name] for name in nothing}
    lists = {"tags": [], "emails": [], "phones": [], "addresses": [], "urls": [], "custom": {}}
    assert empty == {name: lists.get(name) for name in nothing}
    assert item["owner_id"] is None


def test_a_merge_patch_reaches_into_custom(client: Client) -> None:
    client.create("/api/contacts", given_name="A", custom={"keep": 1, "drop": 2, "change": "x"})
    patch = {"custom": {"drop": None, "change": "y", "new": [True and "z"]}}
    assert client.patch("/api/contacts/2", patch).json["custom"] == {"keep": 1, "change": "y", "new": ["z"]}


def test_a_list_is_replaced_as_a_whole(client: Client) -> None:
    client.create("/api/contacts", given_name="A", tags=["a", "b"], emails=[{"value": "a@example.com"}])
    item = client.patch("/api/contacts/2", {"tags": ["c"], "emails": []}).json
    assert (item["tags"], item["emails"]) == (["c"], [])


def test_a_name_made_of_its_parts_follows_them(client: Client) -> None:
    assert client.create("/api/contacts", given_name="Anna", family_name="Berg")["name"] == "Anna Berg"
    assert client.patch("/api/contacts/2", {"family_name": "Tal"}).json["name"] == "Anna Tal"
    assert client.patch("/api/contacts/2", {"name": "Annie"}).json["name"] == "Annie"
    assert client.patch("/api/contacts/2", {"family_name": "Wald"}).json["name"] == "Annie"
    assert client.ids("/api/contacts", q="wald") == [2]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"organization_id": 2}, "/organization_id"),
        ({"organization_id": 3}, "/organization_id"),
        ({"organization_id": 999}, "/organization_id"),
        ({"owner_id": "u_" + "a" * 26}, "/owner_id"),
        ({"kind": "organization", "name": None}, "/name"),
        ({"emails": [{"value": "a@example.com\r\nBcc: b@example.com"}]}, "/emails/0/value"),
        ({"custom": {"deep": {"er": 1}}}, "/custom/deep"),
    ],
)  # fmt: skip
def test_a_change_that_makes_no_sense_is_refused(patch: Any, pointer: str, client: Client) -> None:
    client.create("/api/contacts", given_name="Anna", family_name="Berg")
    client.create("/api/contacts", given_name="Eve")
    before = client.read("/api/contacts/2")
    answer = client.patch("/api/contacts/2", patch)
    assert answer.status_int == 422
    assert pointer in [field_error["pointer"] for field_error in answer.json["errors"]]
    assert client.read("/api/contacts/2") == before


def test_an_organisation_with_people_stays_one(client: Client) -> None:
    client.create("/api/contacts", given_name="Anna", organization_id=1)
    refused = client.patch("/api/contacts/1", {"kind": "person"})
    assert refused.status_int == 422
    assert refused.json["errors"][0]["code"] == "has_people"
    client.delete("/api/contacts/2")
    assert client.patch("/api/contacts/1", {"kind": "person"}).status_int == 200
    assert client.post("/api/contacts/2/restore").status_int == 200
    assert client.read("/api/contacts/2")["organization_id"] is None


@pytest.mark.parametrize(
    ("typed", "country", "dialled"),
    [
        ("030 901820", None, "+4930901820"),
        ("01 42 68 53 00", "FR", "+33142685300"),
    ],
)
def test_a_number_is_kept_as_typed_and_as_dialled(
    typed: str, country: str | None, dialled: str | None, client: Client
) -> None:
    addresses = [{"country": country}] if country else []
    item = client.create("/api/contacts", given_name="A", phones=[{"value": typed}], addresses=addresses)
    assert item["phones"][0]["value"] == typed
    assert item["phones"][0]["e164"] == dialled


def test_any_script_is_a_name(client: Client) -> None:
    for name in ["😀 Émile", "שלום", "a\u200bb", "e" + "\u0301" * 400, "山田太郎", "<b>x</b>", "' OR 1=1 --"]:
        item = client.create("/api/contacts", name=name)
        assert client.read(f"/api/contacts/{item['id']}")["name"] == item["name"]
