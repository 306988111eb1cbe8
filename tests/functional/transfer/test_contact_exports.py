"""Exporting contacts over HTTP, and importing what was exported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.installation import Client, Company
from tests.functional.transfer.contact_sending import PEOPLE, contents, counted, send

CONTACTS: list[dict[str, Any]] = [
    {"kind": "organization", "name": "=Acme, Inc.", "tags": ["a,b", "c"], "custom": {"n": 1, "yes": True}},
    {
        "given_name": "Anna", "family_name": "Berg", "note": "@x\nsecond", "birthday": "1980-03-22",
        "emails": [{"label": "work", "value": "anna@acme.example"}, {"value": "b@acme.example", "is_primary": True}],
        "phones": [{"label": "mobile", "value": f"+49 170 123456{n}"} for n in range(6)],
        "addresses": [{"street": "Dorfstr. 5\nHinterhaus", "city": "Kiel", "country": "DE"}] * 3,
    },
    {"name": "NULL", "urls": [{"value": "https://x.example"}]},
    {"name": "👩‍👩‍👧 日本", "emails": [{"value": "jp@x.example"}]},
]  # fmt: skip


def test_the_export_has_the_delimiter_that_spreadsheets_of_the_company_expect(owner: Client) -> None:
    owner.create("/api/contacts", name="Anna")
    assert owner.get("/api/contacts/export").text.startswith("\ufeffkind;name;")
    for name, delimiter in (("comma", ","), ("tab", "\t")):
        answer = owner.get("/api/contacts/export", delimiter=name)
        assert answer.text.startswith(f"\ufeffkind{delimiter}name{delimiter}")
        assert send(owner, answer.body).json["errors"] == []
    assert owner.get("/api/contacts/export", delimiter=";").status_int == 400


@pytest.mark.parametrize(
    ("file_format", "media_type", "ending"),
    [
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("json", "application/json", "json"),
        ("vcard", "text/vcard; charset=utf-8", "vcf"),
    ],
)
def test_what_is_exported_comes_back_without_loss(
    owner: Client, south: Company, file_format: str, media_type: str, ending: str
) -> None:
    acme = owner.create("/api/contacts", **CONTACTS[0])
    for contact in CONTACTS[1:]:
        owner.create("/api/contacts", **{**contact, "organization_id": acme["id"]})
    answer = owner.get("/api/contacts/export", format=file_format)
    assert answer.status_int == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="contacts.{ending}"'
    other = south.client()
    assert counted(send(other, answer.body, media_type)) == {
        "created": 4,
        "updated": 0,
        "skipped": 0,
        "errors": [],
    }
    assert contents(other) == contents(owner)


def test_json_has_the_public_fields(owner: Client) -> None:
    assert owner.get("/api/contacts/export", format="json").json == []
    owner.create("/api/contacts", name="Anna")
    (item,) = owner.get("/api/contacts/export", format="json").json
    assert item == owner.read(f"/api/contacts/{item['id']}")


def test_an_export_is_filtered_as_the_list_is(owner: Client) -> None:
    send(owner, PEOPLE)
    for query in (
        {"kind": "organization"},
        {"q": "berg"},
        {"email": "bob@ray.example"},
        {"phone": "0431/12345"},
    ):
        listed = owner.read("/api/contacts", **query)["items"]
        exported = owner.get("/api/contacts/export", format="json", **query).json
        assert len(listed) == 1
        assert [item["id"] for item in exported] == [item["id"] for item in listed]


@pytest.mark.parametrize("query", [{"format": "xlsx"}, {"limit": 5}])
def test_an_export_knows_its_parameters(owner: Client, query: dict[str, Any]) -> None:
    answer = owner.get("/api/contacts/export", **query)
    assert (answer.status_int, answer.json["code"]) == (400, "invalid_query")


def test_an_export_of_many_is_complete_and_in_order(owner: Client) -> None:
    rows = "".join(f"Acme,Person {n},p{n}@x.example\n" for n in range(1234))
    assert send(owner, f"Company,Name,E-mail\n{rows}").json["created"] == 1234
    found = owner.get("/api/contacts/export", format="json").json
    assert [item["kind"] for item in found] == ["organization"] + ["person"] * 1234
    assert len({item["id"] for item in found}) == 1235


def test_an_export_shows_nothing_of_another_company(owner: Client, south: Company) -> None:
    send(owner, PEOPLE)
    assert south.client().get("/api/contacts/export", format="json").json == []


CARDS = "".join(
    f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{uid}\r\nFN:{name}\r\nEND:VCARD\r\n"
    for uid, name in (
        ("urn:uuid:4FBE8971-0BC3-424C-9C26-36C3E1EFF6B1", "Anna Berg"),
        ("abc\\,def;1234@Example.com", "Bob Ray"),
        ("abc-5678-no-address", "Rob Ray"),
        ("7", "Carla Diaz"),  # too short to be unique in the world
    )
)


def test_a_card_keeps_its_uid_and_ones_own_export_is_nothing_new(owner: Client, south: Company) -> None:
    assert send(owner, CARDS, "text/vcard").json["created"] == 4
    exported = owner.get("/api/contacts/export", format="vcard")
    assert {line for line in exported.text.split("\r\n") if line.startswith("UID:")} == {
        "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
        "UID:abc\\,def\\;1234@example.com",
        "UID:abc-5678-no-address",
    }
    other = south.client()
    assert send(other, exported.body, "text/vcard").json["created"] == 4
    for client in (owner, other):
        again = send(client, exported.body, "text/vcard").json
        assert (again["created"], again["updated"], again["skipped"], again["errors"]) == (0, 0, 4, [])
    # What the cards were exported from still knows them, in the spelling of another program too.
    assert send(other, CARDS.split("BEGIN", 2)[1].join(("BEGIN", "")), "text/vcard").json["created"] == 0
