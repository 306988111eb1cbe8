"""Exports of the programs people come from are understood by their column names."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from crmtenant.formats.csv.reader import read_csv


def imported(**cells: str) -> tuple[dict[str, Any], str | None]:
    """The contact made of a row with these cells, and the organisation it names."""
    return imported_row(cells)


def imported_row(cells: dict[str, str]) -> tuple[dict[str, Any], str | None]:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([cells.keys(), cells.values()])
    (card,) = read_csv(io.BytesIO(buffer.getvalue().encode()), max_rows=10)
    assert not card.field_errors
    return card.contact, card.organization


def test_google_contacts() -> None:
    contact, organization = imported_row(
        {
            "First Name": "Anna",
            "Middle Name": "Maria",
            "Last Name": "Berg",
            "Phonetic First Name": "anna",
            "Name Prefix": "Dr.",
            "Nickname": "Anni",
            "File As": "",
            "Organization Name": "Acme",
            "Organization Title": "Engineer",
            "Organization Department": "Research",
            "Birthday": "1980-03-22",
            "Notes": "met in Kiel",
            "Photo": "https://pictures.example/1",
            "Labels": "Friends ::: * myContacts",
            "E-mail 1 - Label": "* Work",
            "E-mail 1 - Value": "anna@acme.example ::: berg@acme.example",
            "E-mail 2 - Label": "Club",
            "E-mail 2 - Value": "anna@club.example",
            "Phone 1 - Label": "Mobile",
            "Phone 1 - Value": "+49 170 1234567",
            "Phone 2 - Label": "Home",
            "Phone 2 - Value": "0431 12345",
            "Address 1 - Label": "Home",
            "Address 1 - Formatted": "Dorfstr. 5\nKiel",
            "Address 1 - Street": "Dorfstr. 5",
            "Address 1 - City": "Kiel",
            "Address 1 - Postal Code": "24103",
            "Address 1 - Country": "Germany",
            "Website 1 - Label": "Blog",
            "Website 1 - Value": "https://anna.example",
        }
    )
    assert organization == "Acme"
    assert contact == {
        "kind": "person",
        "prefix": "Dr.",
        "given_name": "Anna",
        "middle_name": "Maria",
        "family_name": "Berg",
        "nickname": "Anni",
        "job_title": "Engineer",
        "department": "Research",
        "birthday": "1980-03-22",
        "note": "met in Kiel",
        "tags": ["Friends"],
        "emails": [
            {"label": "work", "value": "anna@acme.example"},
            {"label": "work", "value": "berg@acme.example"},
            {"label": "Club", "value": "anna@club.example"},
        ],
        "phones": [{"label": "mobile", "value": "+49 170 1234567"}, {"label": "home", "value": "0431 12345"}],
        "addresses": [
            {"label": "home", "street": "Dorfstr. 5", "city": "Kiel", "postal_code": "24103", "country": "DE"}
        ],
        "urls": [{"label": "Blog", "value": "https://anna.example"}],
    }


OUTLOOK_ENGLISH = {
    "Title": "Dr.",
    "First Name": "Anna",
    "Last Name": "Berg",
    "Company": "Acme",
    "Department": "Research",
    "Job Title": "Engineer",
    "Business Street": "Dorfstr. 5",
    "Business Street 2": "2nd floor",
    "Business City": "Kiel",
    "Business Postal Code": "24103",
    "Business Country/Region": "Germany",
    "Home City": "Bonn",
    "Business Fax": "0431 99",
    "Business Phone": "0431 1",
    "Business Phone 2": "0431 2",
    "Home Phone": "0228 3",
    "Mobile Phone": "0170 4",
    "Categories": "VIP;Press",
    "E-mail Address": "anna@acme.example",
    "E-mail Type": "SMTP",
    "E-mail Display Name": "Anna Berg",
    "E-mail 2 Address": "berg@acme.example",
    "Web Page": "https://acme.example",
    "Anniversary": "0/0/00",
}
OUTLOOK_GERMAN = {
    "Anrede": "Dr.",
    "Vorname": "Anna",
    "Nachname": "Berg",
    "Firma": "Acme",
    "Abteilung": "Research",
    "Position": "Engineer",
    "Straße geschäftlich": "Dorfstr. 5",
    "Straße geschäftlich 2": "2nd floor",
    "Ort geschäftlich": "Kiel",
    "Postleitzahl geschäftlich": "24103",
    "Land/Region geschäftlich": "Deutschland",
    "Ort privat": "Bonn",
    "Fax geschäftlich": "0431 99",
    "Telefon geschäftlich": "0431 1",
    "Telefon geschäftlich 2": "0431 2",
    "Telefon (privat)": "0228 3",
    "Mobiltelefon": "0170 4",
    "Kategorien": "VIP;Press",
    "E-Mail-Adresse": "anna@acme.example",
    "E-Mail-Typ": "SMTP",
    "E-Mail: Angezeigter Name": "Anna Berg",
    "E-Mail 2: Adresse": "berg@acme.example",
    "Webseite": "https://acme.example",
}


@pytest.mark.parametrize("row", [OUTLOOK_ENGLISH, OUTLOOK_GERMAN], ids=["english", "german"])
def test_outlook(row: dict[str, str]) -> None:
    contact, organization = imported_row(row)
    assert organization == "Acme"
    contact.pop("custom", None)
    assert contact == {
        "kind": "person",
        "prefix": "Dr.",
        "given_name": "Anna",
        "family_name": "Berg",
        "department": "Research",
        "job_title": "Engineer",
        "emails": [{"value": "anna@acme.example"}, {"value": "berg@acme.example"}],
        "phones": [
            {"label": "fax", "value": "0431 99"},
            {"label": "work", "value": "0431 1"},
            {"label": "work", "value": "0431 2"},
            {"label": "home", "value": "0228 3"},
            {"label": "mobile", "value": "0170 4"},
        ],
        "addresses": [
            {
                "label": "work",
                "street": "Dorfstr. 5\n2nd floor",
                "city": "Kiel",
                "postal_code": "24103",
                "country": "DE",
            },
            {"label": "home", "city": "Bonn"},
        ],
        "urls": [{"value": "https://acme.example"}],
        "tags": ["VIP", "Press"],
    }


def test_odoo() -> None:
    contact, organization = imported_row(
        {
            "External ID": "res_partner_1",
            "Name": "Anna Berg",
            "Related Company / Name": "Acme",
            "Is a Company": "FALSE",
            "Job Position": "Engineer",
            "Title": "Doctor",
            "Email": "anna@acme.example",
            "Phone": "0431 12345",
            "Mobile": "0170 12345",
            "Street": "Dorfstr. 5",
            "Street2": "2nd floor",
            "Zip": "24103",
            "City": "Kiel",
            "State": "Schleswig-Holstein",
            "Country": "Germany",
            "Website": "https://acme.example",
            "Tags": "VIP,Press",
        }
    )
    assert (organization, contact["name"], contact["prefix"]) == ("Acme", "Anna Berg", "Doctor")
    assert contact["job_title"] == "Engineer"
    assert contact["phones"] == [{"value": "0431 12345"}, {"label": "mobile", "value": "0170 12345"}]
    assert contact["addresses"] == [
        {
            "street": "Dorfstr. 5\n2nd floor",
            "postal_code": "24103",
            "city": "Kiel",
            "region": "Schleswig-Holstein",
            "country": "DE",
        }
    ]
    assert contact["tags"] == ["VIP", "Press"]


def test_hubspot() -> None:
    contact, organization = imported_row(
        {
            "Record ID": "51",
            "First Name": "Anna",
            "Last Name": "Berg",
            "Email": "anna@acme.example",
            "Phone Number": "0431 12345",
            "Mobile Phone Number": "0170 12345",
            "Job Title": "Engineer",
            "Company Name": "Acme",
            "State/Region": "SH",
            "Country/Region": "Germany",
            "Website URL": "acme.example",
            "Lifecycle Stage": "Lead",
        }
    )
    assert organization == "Acme"
    assert contact["addresses"] == [{"region": "SH", "country": "DE"}]
    assert contact["urls"] == [{"value": "acme.example"}]
    assert contact["custom"] == {"Record ID": "51", "Lifecycle Stage": "Lead"}


def test_plain_german_with_house_numbers() -> None:
    contact, organization = imported_row(
        {
            "Firma": "Acme",
            "Ansprechpartner": "Anna Berg",
            "Straße": "Dorfstr.",
            "Hausnummer": "5a",
            "PLZ": "24103",
            "Ort": "Kiel",
            "Land": "Deutschland",
            "Telefon": "0431 12345",
            "Handy": "0170 12345",
            "Telefax": "0431 99999",
            "Geburtsdatum": "22.03.1980",
            "Bemerkung": "nett",
        }
    )
    assert (organization, contact["name"]) == ("Acme", "Anna Berg")
    assert contact["addresses"][0]["street"] == "Dorfstr. 5a"
    assert [entry.get("label") for entry in contact["phones"]] == [None, "mobile", "fax"]
    assert (contact["birthday"], contact["note"]) == ("1980-03-22", "nett")


def test_camel_case_names_of_databases() -> None:
    contact, organization = imported(
        companyName="Acme", contactName="Anna Berg", contactTitle="Engineer", postalCode="24103", homePhone="0431 12345",
        homePage="https://acme.example", lastLogin="x",
    )  # fmt: skip
    assert (organization, contact["name"], contact["job_title"]) == ("Acme", "Anna Berg", "Engineer")
    assert contact["phones"] == [{"label": "home", "value": "0431 12345"}]
    assert contact["urls"] == [{"value": "https://acme.example"}]
    assert contact["custom"] == {"lastLogin": "x"}


def test_a_title_is_a_job_unless_another_column_is_one() -> None:
    assert imported(Name="Anna", Title="Engineer")[0]["job_title"] == "Engineer"
    assert imported(name="Anna", title="Dr.", jobTitle="Engineer")[0]["prefix"] == "Dr."


def test_a_name_beside_a_first_name_is_the_family_name() -> None:
    contact, _ = imported(Vorname="Anna", Name="Berg")
    assert (contact["given_name"], contact["family_name"], contact.get("name")) == ("Anna", "Berg", None)


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),
        ("a@x.example b@x.example", ["a@x.example", "b@x.example"]),
        ("a@x.example; Anna <b@x.example>", ["a@x.example", "b@x.example"]),
        ('"Berg, Anna" <anna@x.example>', ["anna@x.example"]),
        ("mailto:anna@x.example", ["anna@x.example"]),
        ("a@x.example, call first", ["a@x.example, call first"]),
        ("anna at x.example", ["anna at x.example"]),
    ],
)
def test_several_addresses_in_one_cell_are_several_and_none_is_lost(cell: str, addresses: list[str]) -> None:
    contact, _ = imported_row({"Name": "Anna", "E-mail": cell})
    assert [entry["value"] for entry in contact["emails"]] == addresses
