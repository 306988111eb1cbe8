"""Rows of contacts in files: what is set aside, and what is refused."""

from __future__ import annotations

import pytest

from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.transfer.contact_rows import checked
from crmtenant.services.transfer.contact_import_rows import RefusedRow, ValidRow

GOOD, BAD = {"value": "bob@example.com"}, {"value": "ÑÑÑ"}


def _row(**contact: object) -> ValidRow | RefusedRow:
    (row,) = checked([ParsedContact(3, {"name": "Bob", **contact}, None, [])], region="DE")
    return row


def test_a_faulty_address_beside_a_good_one_is_set_aside() -> None:
    row = _row(emails=[GOOD, BAD])
    assert isinstance(row, ValidRow)
    assert row.values["email_keys"] == ["bob@example.com"]
    assert row.values["custom"] == {"emails 2": "ÑÑÑ"}
    assert [(field_error.pointer, field_error.code) for field_error in row.set_aside] == [
        ("/emails/1/value", "invalid_email")
    ]


def _told(row: ValidRow | RefusedRow) -> list[tuple[str, str]]:
    assert isinstance(row, ValidRow)
    return [(oddity.pointer, oddity.code) for oddity in row.set_aside]


@pytest.mark.parametrize(
    ("contact", "custom", "pointers"),
    [
        ({"emails": [BAD]}, {"emails 1": "ÑÑÑ"}, {"/emails/0/value"}),
        (
            {"emails": [BAD, BAD]},
            {"emails 1": "ÑÑÑ", "emails 2": "ÑÑÑ"},
            {"/emails/0/value", "/emails/1/value"},
        ),
        (
            {"emails": [GOOD, BAD], "birthday": "tomorrow"},
            {"emails 2": "ÑÑÑ", "birthday": "tomorrow"},
            {"/emails/1/value", "/birthday"},
        ),
        ({"birthday": "31.02.1980"}, {"birthday": "31.02.1980"}, {"/birthday"}),
        ({"phones": [{"value": "nicht anrufen"}]}, {"phones 1": "nicht anrufen"}, {"/phones/0/value"}),
        ({"urls": [{"value": "javascript:alert(1)"}]}, {"urls 1": "javascript:alert(1)"}, {"/urls/0/value"}),
        ({"job_title": "x" * 300}, {"job_title": "x" * 300}, {"/job_title"}),
        ({"owner_id": "Frau Berg"}, {"owner_id": "Frau Berg"}, {"/owner_id"}),
        ({"tags": ["a", "b" * 101, "c"]}, {"tags": "b" * 101}, {"/tags/1"}),
        ({"kind": "customer"}, {"kind": "customer"}, {"/kind"}),
        ({"addresses": [{"city": "Kiel", "street": "x" * 2100}]}, None, {"/addresses/0/street"}),
        (
            {"emails": [{"value": f"a{n}@x.example"} for n in range(51)]},
            {"emails": "a50@x.example"},
            {"/emails"},
        ),
        ({"given_name": "Bob\x0bBerg"}, {}, {"/given_name"}),
        ({"custom": {"a": "x" * 2100}}, {}, {"/custom/a"}),
        ({"emails": [{"value": "x", "label": "y" * 101}, GOOD]}, None, {"/emails/0/value"}),
        (
            {"emails": [{"value": "a@x.example", "label": "y" * 101}, GOOD]},
            {"emails 1": "y" * 101},
            {"/emails/0/label"},
        ),
        ({"emails": [{**GOOD, "is_primary": True}, {"value": "a@x.example", "is_primary": True}]}, {}, set()),
    ],
)
def test_an_odd_value_is_kept_word_for_word_and_told(
    contact: dict[str, object], custom: dict[str, str] | None, pointers: set[str]
) -> None:
    row = _row(**contact)
    assert {pointer for pointer, _ in _told(row)} == pointers
    assert isinstance(row, ValidRow)
    assert row.values["name"] == "Bob"
    assert custom is None or row.values["custom"] == custom
    given = next(iter(contact.values()))
    if custom == {} and isinstance(given, dict):  # no custom field is so long
        assert row.values["note"] == f"a: {given['a']}"


@pytest.mark.parametrize(
    ("field", "text", "values", "is_told"),
    [
        ("phones", "tel:+4930123456", ["+4930123456"], False),
        ("phones", "Tel. 030 123456", ["030 123456"], False),
        ("phones", "030/123456 oder 0170/1234567", ["030/123456", "0170/1234567"], False),
        ("phones", "030 123456 App. 12", ["030 123456 ext. 12"], False),
        ("phones", "+49 30 123456 (Frau Muster)", ["+49 30 123456"], True),
        ("phones", "+49 30 123456 ab 18:00", ["+49 30 123456"], True),
        ("phones", "+999 1234567 privat", [], True),
        ("emails", "anna@x.example (privat)", ["anna@x.example"], True),
        ("emails", "E-Mail: anna@x.example.", ["anna@x.example"], False),
        ("emails", "anna (at) x.example", ["anna@x.example"], False),
        ("emails", "zoe at example.org", [], True),
        ("emails", "a@x.example, call first", ["a@x.example"], True),
        ("urls", "siehe www.acme.example/shop", ["https://www.acme.example/shop"], True),
        ("urls", "kommt bald", [], True),
    ],
)
def test_what_has_words_around_it_is_read(field: str, text: str, values: list[str], is_told: bool) -> None:
    row = _row(**{field: [{"value": text, "is_primary": True}]})
    assert isinstance(row, ValidRow)
    assert [entry["value"] for entry in row.values[field]] == values
    assert row.values["custom"] == ({f"{field} 1": text} if is_told else {})
    assert bool(row.set_aside) == is_told


def test_numbers_among_words_have_the_labels_the_words_are() -> None:
    row = _row(phones=[{"value": "Mobil: 0170 1234567, Fax 030 99999"}])
    assert isinstance(row, ValidRow)
    assert [(entry["label"], entry["e164"]) for entry in row.values["phones"]] == [
        ("mobile", "+491701234567"),
        ("fax", "+493099999"),
    ]


def test_who_was_named_only_after_an_address_that_is_none_is_refused() -> None:
    (row,) = checked([ParsedContact(3, {"name": "ÑÑÑ", "emails": [BAD]})], region="DE")
    assert isinstance(row, RefusedRow)
    assert [error.code for error in row.field_errors] == ["invalid_email"]


@pytest.mark.parametrize("contact", [{"job_title": "x" * 300}, {"colour": "red"}, {"given_name": "a\x0bb"}])
def test_an_exact_entry_is_taken_whole_or_refused(contact: dict[str, object]) -> None:
    (row,) = checked([ParsedContact(3, {"name": "Bob", **contact}, is_exact=True)], region="DE")
    assert isinstance(row, RefusedRow)


def test_the_name_of_an_organisation_that_cannot_be_one_is_kept() -> None:
    (row,) = checked([ParsedContact(3, {"name": "Bob"}, "x" * 600)], region="DE")
    assert isinstance(row, ValidRow)
    assert (row.organization, row.values["custom"]) == (None, {"organization": "x" * 600})


@pytest.mark.parametrize(
    ("region", "written", "value", "e164"),
    [
        ("DE", "491701234567", "+491701234567", "+491701234567"),
        ("DE", "49 170 1234567", "+49 170 1234567", "+491701234567"),
        ("DE", "4930123456", "4930123456", None),
        ("US", "33612345678", "+33612345678", "+33612345678"),
        ("US", "12025550143", "+12025550143", "+12025550143"),
        ("DE", "030 123456", "030 123456", "+4930123456"),
        ("DE", "1701234567", "1701234567", "+491701234567"),
        ("PL", "48601234567", "+48601234567", "+48601234567"),
        ("CH", "41791234567", "+41791234567", "+41791234567"),
    ],
)
def test_a_number_that_lost_its_plus(region: str, written: str, value: str, e164: str | None) -> None:
    (row,) = checked([ParsedContact(2, {"name": "Bob", "phones": [{"value": written}]})], region=region)
    assert isinstance(row, ValidRow)
    (phone,) = row.values["phones"]
    assert phone["value"] == value
    assert e164 is None or phone["e164"] == e164
