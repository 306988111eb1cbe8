"""Contacts out of JSON files: what is read, what is refused, and how much of it is in memory."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from crmtenant.errors import Malformed, TooLarge, Unsupported
from crmtenant.formats.contacts_json import read_json_contacts
from crmtenant.formats.json_stream import LONGEST_ENTRY
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.crm.contact import ContactDraft

ACME = {"id": 4, "kind": "organization", "name": "Acme", "organization_id": None}


def cards(
    content: bytes | str | list[Any], max_rows: int = 100_000, charset: str | None = None
) -> list[ParsedContact]:
    if isinstance(content, list):
        content = json.dumps(content)
    body = content.encode() if isinstance(content, str) else content
    file, ignored = io.BytesIO(body), ContactDraft.READ_ONLY
    return list(read_json_contacts(file, max_rows=max_rows, ignored=ignored, charset=charset))


@pytest.mark.parametrize(
    "content",
    [
        '[{"name": "Ö"}]',
        '\ufeff [ {"name": "\\u00d6"} ]\r\n',
        '{"items": [{"name": "Ö"}], "next": null}',
        '{"next": {"items": [1]}, "items": [{"name": "Ö"}]}',
    ],
)
def test_an_array_or_the_items_of_an_object_are_read(content: str) -> None:
    assert [(card.row, card.contact) for card in cards(content)] == [(1, {"name": "Ö"})]


@pytest.mark.parametrize("content", ["[]", " [ ] ", '{"items": []}'])
def test_a_file_of_no_contacts_is_one(content: str) -> None:
    assert cards(content) == []


@pytest.mark.parametrize(
    "content",
    [
        *("", " ", "1", "null", '"x"', "{}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "[] []"),
        *('{"items": 1}', '{"items": [1]', '{"items": [1],}', '{"items": [], "items": []}', "{items: []}"),
        *('{"next": null}', '[{"a": 1, "a": 2}]', '[{"a": {"b": 1, "b": 2}}]', "[NaN]", "[-Infinity]"),
        *(
            '["\0"]',
            "[" * 100_000,
            f"[{'9' * 401}]",
            "['x']",
            "[01]",
            "[\u00a01]",
            b'["\xff"]',
            b"\xff\xfe[\0]\0",
        ),
    ],
)
def test_what_is_no_json_of_contacts_is_refused(content: str | bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        cards(content)
    assert refusal.value.reason == "invalid_json"


def test_a_flaw_at_the_end_is_found_before_the_first_card() -> None:
    with pytest.raises(Malformed):
        next(read_json_contacts(io.BytesIO(b"[{}, {}, nul]"), max_rows=9))


def test_an_organisation_of_the_file_is_linked_by_name_wherever_it_stands() -> None:
    people = [{"name": "Anna", "organization_id": 4}, ACME, {"name": "Bob", "organization_id": 5}]
    anna, _, bob = cards([*people, {"id": 5, "kind": "person", "name": "No firm"}])[:3]
    assert (anna.organization, anna.contact) == ("Acme", {"name": "Anna"})
    assert (bob.organization, bob.contact) == (None, {"name": "Bob"})


@pytest.mark.parametrize("reference", ["4", 4.0, True, [4], {}])
def test_a_reference_that_is_no_id_is_left_to_the_draft(reference: Any) -> None:
    card = cards([{"name": "Anna", "organization_id": reference}, ACME])[0]
    assert (card.organization, card.contact["organization_id"]) == (None, reference)


def test_what_only_the_server_sets_is_passed_over() -> None:
    (card,) = cards(
        [{"id": 1, "version": 3, "created_at": "x", "updated_at": 1, "created_by": [], "name": "A"}]
    )
    assert card.contact == {"name": "A"}


@pytest.mark.parametrize("entry", [None, 1, "x", [], True])
def test_an_entry_that_is_no_object_is_a_fault_of_its_row(entry: Any) -> None:
    _, card = cards([{"name": "A"}, entry])
    assert (card.row, [field_error.code for field_error in card.field_errors]) == (2, ["not_an_object"])


def test_more_entries_than_allowed_are_refused() -> None:
    assert len(cards([{}] * 3, max_rows=3)) == 3
    with pytest.raises(TooLarge):
        cards([{}] * 4, max_rows=3)


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", None])
def test_utf_8_may_be_declared(charset: str | None) -> None:
    assert cards("[]", charset=charset) == []


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "klingon", "rot13"])
def test_another_charset_is_refused(charset: str) -> None:
    with pytest.raises(Unsupported):
        cards("[]", charset=charset)


def test_entries_are_whole_where_one_part_of_the_file_ends_and_the_next_begins() -> None:
    entries = [{"name": f"{n}", "note": 'ä\\"]' * 30_011} for n in range(60)]
    assert [card.contact for card in cards(entries)] == entries


def test_an_entry_may_be_so_long_and_no_longer() -> None:
    longest = '"' + "x" * (LONGEST_ENTRY - 2) + '"'
    for before in ("[", "[1," * 1, "[" + " " * (LONGEST_ENTRY * 2)):
        assert len(cards(f"{before}{longest}]")) in {1, 2}
        with pytest.raises(Malformed, match="characters"):
            cards(f'{before}{longest[:-1]}x",1]')
