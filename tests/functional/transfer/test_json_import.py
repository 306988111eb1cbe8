"""Importing contacts from JSON over HTTP."""

from __future__ import annotations

import json

from tests.functional.installation import Client, Company
from tests.functional.transfer.contact_sending import PEOPLE, contents, counted, names, send


def test_what_a_list_answers_can_be_imported(owner: Client, south: Company) -> None:
    send(owner, PEOPLE)
    answer = send(south.client(), owner.get("/api/contacts").body, "application/json")
    assert counted(answer) == {"created": 3, "updated": 0, "skipped": 0, "errors": []}
    assert contents(south.client()) == contents(owner)


def test_faulty_entries_of_json_are_told_and_the_others_are_in(owner: Client) -> None:
    entries = [
        {"name": "Anna", "organization_id": 77, "id": 3, "version": 9},
        "Bob",
        {"name": "Carl", "colour": "red"},
        {"name": "Dora", "organization_id": "77"},
        {"name": "Eve", "emails": [{"label": "work"}, {"value": "eve@x.example"}]},
        {"name": "Finn\0"},
        {"name": "Gus", "emails": [{"value": "none"}, {"value": "gus@x.example"}]},
    ]
    answer = send(owner, json.dumps(entries), "application/json")
    assert [(field_error["row"], field_error["pointer"]) for field_error in answer.json["errors"]] == [
        (2, ""),
        (3, "/colour"),
        (4, "/organization_id"),
        (5, "/emails/0/value"),
        (6, "/name"),
        (7, "/emails/0/value"),
    ]
    assert names(owner) == {"Anna", "Gus"}
    (anna,) = owner.read("/api/contacts", q="anna")["items"]
    assert anna["organization_id"] is None


def test_a_json_file_of_too_many_contacts_is_refused(owner: Client, north: Company) -> None:
    most = north.platform.settings.max_import_rows
    answer = send(owner, b"[{}" + b",{}" * most + b"]", "application/json")
    assert (answer.status_int, answer.json["code"]) == (413, "too_large")
