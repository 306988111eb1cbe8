"""Previews of files of contacts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from webtest import TestResponse

from crmtenant.formats.contact_paths import target_of
from tests.functional.installation import Client, Company
from tests.functional.transfer.contact_sending import CARD, counted, form, send

SHEET = (
    "Firma;Vorname;Nachname;E-Mail;E-Mail 2;Telefon geschäftlich;Hausnummer;Straße;Kundennummer;Foto;\n"
    "Acme;Anna;Berg;anna@acme.example;a@berg.example;0431 12345;7;Hafen;K 1;;x\n"
    "Acme;Bob;Ray;nonsense;;;;;K 2;;\n"
    ";;;;;;;;;;\n"
    ";Carla;Diaz;carla@diaz.example;;;;;K 1;;\n"
)


def preview(
    client: Client, content: str | bytes, content_type: str = "text/csv", query: str = ""
) -> TestResponse:
    body = content.encode() if isinstance(content, str) else content
    return client.raw("POST", f"/api/contacts/preview{query}", body, {"Content-Type": content_type})


def fields(answer: TestResponse) -> dict[str, Any]:
    return {column["name"]: column["field"] for column in answer.json["columns"]}


def test_a_sheet_is_told_by_its_columns(owner: Client, north: Company) -> None:
    answer = preview(owner, SHEET)
    assert answer.status_int == 200, answer.text
    shown = answer.json
    assert (shown["format"], shown["rows"]) == ("csv", 3)
    assert fields(answer) == {
        "Firma": "organization", "Vorname": "given_name", "Nachname": "family_name", "E-Mail": "emails/0/value",
        "E-Mail 2": "emails/1/value", "Telefon geschäftlich": "phones/0/value", "Hausnummer": "addresses/0/street",
        "Straße": "addresses/0/street", "Kundennummer": "custom/Kundennummer", "Foto": "custom/Foto", "": None,
    }  # fmt: skip
    samples = {column["name"]: column["samples"] for column in shown["columns"]}
    assert samples["Vorname"] == ["Anna", "Bob", "Carla"]
    assert (samples["Kundennummer"], samples["Foto"]) == (["K 1", "K 2"], [])
    assert [(contact["row"], contact["name"]) for contact in shown["contacts"]] == [
        (2, "Anna Berg"),
        (3, "Bob Ray"),
        (5, "Carla Diaz"),
    ]
    anna = shown["contacts"][0]
    assert (anna["organization"], anna["custom"]) == ("Acme", {"Kundennummer": "K 1"})
    assert anna["phones"][0]["e164"] == "+4943112345"
    assert shown["errors"] == [
        {
            "row": 3, "pointer": "/emails/0/value", "code": "invalid_email", "column": "E-Mail", "value": "nonsense",
            "detail": "This must be an e-mail address such as anna@example.com.", "is_imported": True,
        }
    ]  # fmt: skip
    assert north.counts()["contact"] == 0


def test_what_is_shown_is_what_is_imported(owner: Client) -> None:
    shown = preview(owner, SHEET).json["contacts"]
    assert send(owner, SHEET).json["created"] == 3
    for contact in shown:
        (item,) = owner.read("/api/contacts", q=contact["name"], kind="person")["items"]
        written = {name: item[name] for name in contact if name not in {"row", "organization"}}
        assert written == {name: contact[name] for name in written}


def test_every_path_offered_is_one_that_can_be_mapped_to(owner: Client) -> None:
    offered = preview(owner, SHEET).json["fields"]
    assert {"name", "organization", "tags", "emails/0/value", "addresses/2/city", "custom/Foto"} <= set(
        offered
    )
    assert [path for path in offered if target_of(path) is None] == []
    assert len(offered) == len(set(offered))


def test_every_path_told_can_be_sent_back_as_a_mapping(owner: Client) -> None:
    shown = fields(preview(owner, SHEET))
    mapping = quote(json.dumps({name: path for name, path in shown.items() if name}))
    again = preview(owner, SHEET, query=f"?mapping={mapping}")
    assert again.status_int == 200, again.text
    assert fields(again) == shown
    assert again.json["contacts"][0]["emails"][1]["value"] == "a@berg.example"


def test_a_mapping_shows_what_it_does(owner: Client) -> None:
    mapping = {"Kundennummer": "nickname", "E-Mail": None}
    answer = preview(owner, SHEET, query=f"?mapping={quote(json.dumps(mapping))}")
    assert fields(answer)["Kundennummer"] == "nickname"
    assert fields(answer)["E-Mail"] is None
    assert [contact["nickname"] for contact in answer.json["contacts"]] == ["K 1", "K 2", "K 1"]
    assert answer.json["errors"] == []
    body, content_type = form(
        ('name="file"; filename="c.csv"', SHEET.encode()), ('name="mapping"', json.dumps(mapping).encode())
    )
    assert preview(owner, body, content_type).json == answer.json


def test_a_file_without_a_header_is_mapped_by_numbers(owner: Client) -> None:
    sheet = "Anna,anna@berg.example\nBob,bob@ray.example\n"
    assert send(owner, sheet).json["code"] == "header_missing"
    mapping = quote(json.dumps({"1": "name", "2": "emails/0/value"}))
    answer = preview(owner, sheet, query=f"?mapping={mapping}")
    assert answer.json["rows"] == 2
    assert answer.json["columns"] == [
        {"name": "Column 1", "field": "name", "samples": ["Anna", "Bob"]},
        {"name": "Column 2", "field": "emails/0/value", "samples": ["anna@berg.example", "bob@ray.example"]},
    ]


def test_where_no_column_name_is_known_the_first_row_is_the_header(owner: Client) -> None:
    sheet = "Customers of 2026\n\nWer;Wo\nAnna Berg;Kiel\nBob Ray;Bonn\n"
    shown = preview(owner, sheet)
    assert (shown.status_int, shown.json["rows"], shown.json["is_header_assumed"]) == (200, 2, True)
    assert fields(shown) == {"Wer": "custom/Wer", "Wo": "custom/Wo"}
    for mapping in ({"Wo": "addresses/0/city"}, {"Wo": "addresses/0/city", "Wer": "name"}):
        shown = preview(owner, sheet, query=f"?mapping={quote(json.dumps(mapping))}")
        assert fields(shown)["Wo"] == "addresses/0/city"
    assert [contact["name"] for contact in shown.json["contacts"]] == ["Anna Berg", "Bob Ray"]
    query = f"?mapping={quote(json.dumps(mapping))}"
    assert counted(send(owner, sheet, query=query)) == {
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "errors": [],
    }
    assert preview(owner, "Name\nAnna\n").json["is_header_assumed"] is False


def test_what_was_guessed_of_the_file_is_told(owner: Client) -> None:
    shown = preview(owner, "Vorname;Nachname\rJörg;Müller\r".encode("mac_roman")).json
    assert [(notice["code"], notice["value"]) for notice in shown["notices"]] == [
        ("guessed_encoding", "Mac Roman")
    ]
    assert shown["contacts"][0]["name"] == "Jörg Müller"
    assert "notices" not in preview(owner, "Name\nJörg\n").json


@pytest.mark.parametrize(
    ("content", "content_type", "file_format"),
    [
        (CARD * 7, "text/vcard", "vcard"),
        (
            json.dumps([{"name": f"Carla Diaz {n}", "custom": {"a": 1}} for n in range(7)]),
            "application/json",
            "json",
        ),
    ],
)
def test_cards_and_json_have_no_columns(
    owner: Client, content: str, content_type: str, file_format: str
) -> None:
    shown = preview(owner, content, content_type).json
    assert (shown["format"], shown["rows"], shown["columns"], shown["fields"]) == (file_format, 7, [], [])
    assert [contact["row"] for contact in shown["contacts"]] == [1, 2, 3, 4, 5]
    assert shown["contacts"][0]["name"].startswith("Carla Diaz")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "text/csv"),
        (b"\xff\xfe\x00", "text/csv; charset=utf-8"),
        (b"Name,E-mail\n", "application/pdf"),
        (b"nothing", "text/vcard"),
        (b"[{]", "application/json"),
        (b"{}", "application/json"),
        (b"x", "multipart/form-data; boundary=x"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_by_the_import(
    owner: Client, content: bytes, content_type: str
) -> None:
    shown, imported = preview(owner, content, content_type), send(owner, content, content_type)
    assert shown.status_int == imported.status_int >= 400
    assert {**shown.json, "request_id": ""} == {**imported.json, "request_id": ""}


def test_a_file_of_too_many_rows_is_told_as_by_the_import(owner: Client, north: Company) -> None:
    many = "Name\n" + "A\n" * (north.platform.settings.max_import_rows + 1)
    shown, imported = preview(owner, many), send(owner, many)
    assert (
        (shown.status_int, shown.json["code"])
        == (imported.status_int, imported.json["code"])
        == (413, "too_large")
    )


@pytest.mark.parametrize(
    "query", ["?dry_run=true", "?mapping=x", '?mapping={"Nobody":"name"}', '?mapping={"Firma":"nothing"}']
)
def test_what_is_asked_must_make_sense(owner: Client, query: str) -> None:
    assert preview(owner, SHEET, query=query).status_int in {400, 422}


def test_a_long_cell_is_cut(owner: Client) -> None:
    shown = preview(owner, f"Name,Notes\nAnna,{'x' * 1000}\n").json
    assert shown["columns"][1]["samples"] == ["x" * 100]
    assert shown["contacts"][0]["note"] == "x" * 1000
