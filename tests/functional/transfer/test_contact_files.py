"""Importing contacts over HTTP."""

from __future__ import annotations

import json

import pytest

from tests.functional.installation import Client, Company
from tests.functional.transfer.contact_sending import CARD, DONE, PEOPLE, counted, form, names, send


def test_a_file_is_imported_and_read_back(owner: Client) -> None:
    answer = send(owner, PEOPLE)
    assert (answer.status_int, counted(answer)) == (200, DONE)
    (anna,) = owner.read("/api/contacts", email="anna@acme.example")["items"]
    (acme,) = owner.read("/api/contacts", kind="organization")["items"]
    assert (anna["organization_id"], acme["name"]) == (acme["id"], "Acme")
    assert anna["phones"][0]["e164"] == "+4943112345"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (CARD, "text/vcard"),
        (CARD, "text/x-vcard; charset=utf-8"),
        ("Name\tE-mail\nCarla Diaz\tcarla@acme.example\n", "text/tab-separated-values"),
        ("Name;Ort\nCarla Diaz;Köln\n".encode("cp1252"), "text/csv; charset=windows-1252; header=present"),
    ],
)
def test_every_kind_of_file_is_taken(owner: Client, content: str | bytes, content_type: str) -> None:
    assert send(owner, content, content_type).json["created"] == 1
    assert "Carla Diaz" in names(owner)


@pytest.mark.parametrize(
    ("said", "content", "name"),
    [
        ('name="file"; filename="people.csv"', b"Name\nAnna\n", "Anna"),
        ('name="anything"; filename="people.VCF"', CARD.encode(), "Carla Diaz"),
        (
            'name="file"; filename="x.txt"\r\nContent-Type: application/vnd.ms-excel',
            b"Name;Ort\nAnna;Kiel\n",
            "Anna",
        ),
        ('name="file"; filename="x"\r\nContent-Type: text/vcard', CARD.encode(), "Carla Diaz"),
        ('name="file"; filename="contacts.json"', b'[{"name": "Anna"}]', "Anna"),
        (
            'name="file"; filename="x"\r\nContent-Type: application/json',
            b'{"items":[{"name":"Anna"}]}',
            "Anna",
        ),
    ],
)
def test_a_file_in_a_form_is_taken(owner: Client, said: str, content: bytes, name: str) -> None:
    answer = send(owner, *form((said, content)))
    assert answer.status_int == 200, answer.text
    assert name in names(owner)


def test_a_part_without_a_name_is_refused_in_words_that_fit_the_document(owner: Client) -> None:
    answer = send(owner, *form(('name="file"; filename="x.csv"', b"Name\nAnna\n"), ('x="y"', b"z")))
    assert (answer.status_int, answer.json["code"]) == (400, "invalid_form")
    assert [error["pointer"] for error in answer.json["errors"]] == [""]


def test_a_mapping_comes_in_the_form_or_the_query(owner: Client) -> None:
    mapping = json.dumps({"Wer": "name", "Mail": "emails/0/value", "Alter": None})
    file = b"Wer,Mail,Alter\nAnna,anna@x.example,44\n"
    answer = send(owner, *form(('name="file"; filename="x.csv"', file), ('name="mapping"', mapping.encode())))
    assert answer.json["created"] == 1
    query = "?mapping=%7B%221%22:%22name%22%7D"
    assert send(owner, "Zoe\nYann\n", query=query).json["created"] == 2
    assert names(owner) == {"Anna", "Zoe", "Yann"}


def test_bad_rows_are_told_and_good_ones_are_in(owner: Client) -> None:
    answer = send(owner, f"{PEOPLE},Eve,not an address,\n,Fred\0,,\n")
    assert answer.status_int == 200
    odd, bad = answer.json["errors"]
    assert odd == {
        "row": 4, "pointer": "/emails/0/value", "code": "invalid_email", "column": "E-mail", "value": "not an address",
        "detail": "This must be an e-mail address such as anna@example.com.", "is_imported": True,
    }  # fmt: skip
    assert (bad["row"], bad["code"], bad["is_imported"]) == (5, "nul_character", False)
    assert names(owner) == {"Acme", "Anna Berg", "Bob Ray", "Eve"}
    (eve,) = owner.read("/api/contacts", q="eve")["items"]
    assert (eve["emails"], eve["custom"]) == ([], {"E-mail": "not an address"})


def test_the_rows_with_errors_come_back_as_they_are_when_asked_for(owner: Client) -> None:
    sheet = 'Name;E-Mail;PLZ\nAnna;anna@x.example;24103\n"Eve; E.";not an address;="01067"\n'
    answer = send(owner, sheet, query="?dry_run=true&rows=true").json
    assert answer["header"] == ["Name", "E-Mail", "PLZ"]
    assert answer["rows"] == [{"row": 3, "cells": ["Eve; E.", "not an address", '="01067"']}]
    assert "rows" not in send(owner, sheet, query="?dry_run=true").json
    assert "rows" not in send(owner, CARD, "text/vcard", "?dry_run=true&rows=true").json


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ('name="file"; filename="people.xlsx"', b"PK\x03\x04rest"),
        ('name="file"; filename="people.csv"', b"PK\x03\x04rest"),
        ('name="file"; filename="people.xls"', b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ('name="file"; filename="people.ods"\r\nContent-Type: text/csv', b"PK\x03\x04"),
    ],
)
@pytest.mark.parametrize("what", ["import", "preview"])
def test_a_workbook_is_to_be_saved_as_csv(owner: Client, what: str, said: str, content: bytes) -> None:
    body, content_type = form((said, content))
    answer = owner.raw("POST", f"/api/contacts/{what}", body, {"Content-Type": content_type})
    assert (answer.status_int, answer.json["code"]) == (415, "workbook")
    assert "CSV (UTF-8)" in answer.json["detail"]


def test_a_dry_run_tells_all_and_leaves_nothing(owner: Client) -> None:
    dry = send(owner, PEOPLE, query="?dry_run=true")
    assert (counted(dry), dry.json["batch_id"]) == (DONE, None)
    assert names(owner) == set()


def test_duplicates_are_treated_as_asked(owner: Client) -> None:
    send(owner, PEOPLE)
    with_city = "Name,E-mail,City\nAnna,anna@acme.example,Kiel\n"
    assert send(owner, with_city, query="?on_duplicate=skip").json["skipped"] == 1
    assert send(owner, with_city, query="?on_duplicate=update").json["updated"] == 1
    assert send(owner, with_city, query="?on_duplicate=create").json["created"] == 1


@pytest.mark.parametrize(
    ("content", "content_type", "query", "status", "code"),
    [
        (b"Anna,12345\n", "text/csv", "", 422, "header_missing"),
        (b"", "text/vcard", "", 422, "no_card"),
        (b"Name\nAnn\xff\n", "text/csv; charset=utf-8", "", 422, "undecodable"),
        (b"Name\nAnna\n", "text/csv; charset=klingon", "", 415, "unsupported_media_type"),
        (b"Name\nAnna\n", "application/xml", "", 415, "unsupported_media_type"),
        (b"Name\nAnna\n", "application/json", "", 400, "invalid_json"),
        (
            b'[{"name": "Anna"}' + b', {"name": "x"}' * 500 + b"] x",
            "application/json",
            "",
            400,
            "invalid_json",
        ),
        (b"Name\nAnna\n", "", "", 415, "unsupported_media_type"),
        (b"Name\nAnna\n", "text/csv", "?on_duplicate=burn", 400, "invalid_query"),
        (b"Name\nAnna\n", "text/csv", "?mapping=%7B%22X%22:%22name%22%7D", 422, "invalid_input"),
        (b"no form", "multipart/form-data", "", 400, "invalid_form"),
        (b"no form", "multipart/form-data; boundary=", "", 400, "invalid_form"),
        (b"--b\r\n\r\n\r\n--b--\r\n", "multipart/form-data; boundary=b", "", 400, "invalid_form"),
        (*form(('name="mapping"', b"{}")), "", 400, "invalid_form"),
        (*form(('name="f"; filename="x.csv"', b"Name\n"), ('name="odd"', b"1")), "", 400, "invalid_form"),
        (*form(*[('name="f"; filename="x.csv"', b"Name\n")] * 2), "", 400, "invalid_form"),
        (*form(*[('name="f"; filename="x.csv"', b"Name\n")] * 999), "", 400, "invalid_form"),
        (*form(('name="f"; filename="x.exe"', b"MZ")), "", 415, "unsupported_media_type"),
        (*form(('name="f\xff"', b"\xff\xfe")), "", 400, "invalid_form"),
    ],
)
def test_what_is_no_file_of_contacts_is_refused(
    owner: Client, content: bytes, content_type: str, query: str, status: int, code: str
) -> None:
    answer = send(owner, content, content_type, query)
    assert (answer.status_int, answer.json["code"]) == (status, code)
    assert names(owner) == set()


def test_a_file_too_large_and_a_file_too_long_are_refused(owner: Client, north: Company) -> None:
    settings = north.platform.settings
    answer = send(owner, b"Name\n" + b"x" * settings.max_import_bytes)
    assert (answer.status_int, answer.json["code"]) == (413, "too_large")


def test_a_compressed_file_is_refused(owner: Client) -> None:
    assert send(owner, "Name\nAnna\n", **{"Content-Encoding": "gzip"}).status_int == 415


def test_the_same_key_imports_once(owner: Client) -> None:
    first = send(owner, PEOPLE, query="?on_duplicate=create", **{"Idempotency-Key": "k1"})
    again = send(owner, PEOPLE, query="?on_duplicate=create", **{"Idempotency-Key": "k1"})
    assert counted(first) == counted(again) == DONE
    assert first.json == again.json
    assert len(owner.read("/api/contacts", limit=1000)["items"]) == 3


@pytest.mark.parametrize(("role", "imports", "exports"), [("member", 200, 200), ("viewer", 403, 403)])
def test_who_may(north: Company, role: str, imports: int, exports: int) -> None:
    client = north.client(role)
    assert send(client, PEOPLE).status_int == imports
    assert client.get("/api/contacts/export").status_int == exports


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_refused(owner: Client, method: str) -> None:
    answer = owner.raw(method, "/api/contacts/import")
    assert (answer.status_int, answer.headers.get("Allow")) == (405, "POST")
