"""The hint that a contact may be there already, by the rule that imports decide by."""

from __future__ import annotations

import pytest

from tests.functional.installation import Client

PEOPLE = (
    {"name": "Hans Muster", "emails": [{"value": "info@musterdach.example"}]},
    {
        "name": "Greta Muster",
        "emails": [{"value": "info@musterdach.example"}],
        "phones": [{"value": "+49 89 1234567"}],
    },
    {"name": "Anna Berg"},
    {"kind": "organization", "name": "Müller & Söhne AG"},
)


@pytest.fixture
def furnished(client: Client) -> Client:
    for person in PEOPLE:
        client.create("/api/contacts", **person)
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (
            {"name": "H. Muster", "email": "INFO@musterdach.example"},
            [("Hans Muster", "same"), ("Greta Muster", "same_address")],
        ),
        ({"name": "Ali Beispiel", "phone": "0049 89 1234567"}, [("Greta Muster", "same_address")]),
        ({"phone": "+49 (89) 123-4567"}, [("Greta Muster", "same")]),
        ({"name": "Berg, Anna"}, [("Anna Berg", "same_name")]),
        ({"name": "Anna"}, []),
        ({"name": "Müller Söhne AG", "kind": "organization"}, [("Müller & Söhne AG", "same_name")]),
        ({"name": "MUELLER SÖHNE", "kind": "organization"}, [("Müller & Söhne AG", "same_name")]),
        ({"name": "Müller Söhne KG", "kind": "organization"}, [("Müller & Söhne AG", "same_name")]),
        ({"name": "Müller Söhne AG"}, []),
        ({}, []),
    ],
)
def test_similar_contacts_are_told_with_the_reason(
    furnished: Client, query: dict[str, str], found: list[tuple[str, str]]
) -> None:
    items = furnished.get("/api/contacts/similar", **query).json["items"]
    assert [(item["name"], item["reason"]) for item in items] == found


def test_what_is_thrown_away_is_not_told(furnished: Client) -> None:
    (anna,) = furnished.get("/api/contacts/similar", name="Anna Berg").json["items"]
    furnished.delete(f"/api/contacts/{anna['id']}")
    assert furnished.get("/api/contacts/similar", name="Anna Berg").json["items"] == []


@pytest.mark.parametrize(
    "query", [{"kind": "group"}, {"limit": 0}, {"nickname": "Anna"}, {"name": "x" * 501}]
)
def test_a_bad_question_is_refused(client: Client, query: dict[str, object]) -> None:
    assert client.get("/api/contacts/similar", **query).status_int == 400
