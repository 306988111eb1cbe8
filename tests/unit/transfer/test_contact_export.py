"""What is exported can be imported again without loss, and harms nobody who opens it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crmtenant.errors import Invalid
from crmtenant.formats.contact_paths import target_of
from crmtenant.formats.csv.reader import read_csv, restored
from crmtenant.formats.csv.writer import HEADER, csv_lines, harmless
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.vcard.reader import read_vcards
from crmtenant.formats.vcard.writer import folded, vcards
from crmtenant.schemas.base import as_json, load
from crmtenant.schemas.crm.contact import WRITABLE, ContactDraft

Json = dict[str, Any]
Writer = Callable[[Iterable[Json]], Iterator[str]]
Reader = Callable[..., Iterator[ParsedContact]]

FORMATS: list[tuple[Writer, Reader]] = [(csv_lines, read_csv), (vcards, read_vcards)]
EXPORTED = [name for name in WRITABLE if name != "organization_id"]

TRICKY = st.sampled_from(
    [
        "=1+1",
        "+49",
        "-x",
        "@SUM(A1)",
        "'=x",
        "''",
        '"',
        "NULL",
        "N/A",
        "a,b;c|d",
        "日本",
        "Ñ",
        "👩‍👩‍👧",
        "\\n",
        "\\",
        "^n^'",
        "x" * 99,
    ]
)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40
)
LINES = TRICKY | WORDS
TEXTS = LINES | st.lists(LINES | st.just("") | st.just(" x "), max_size=4).map("\n".join)
LABELS = st.none() | st.sampled_from(["home", "work", "mobile", "fax", "cell", "Business", "pager"]) | LINES
EMAILS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.(example|org)", fullmatch=True)
PHONES = st.sampled_from(
    ["+49 30 123456", "030 123456", "+1-202-555-0143;ext=102", "12345", "(0)2-950143", "+81 3 3555-5011"]
)
URLS = st.sampled_from(
    ["https://x.example", "https://x.example/a#b#c", "mailto:a@b.example", "http://x.example/?a=1;b=2,3"]
)
CUSTOM_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9)
    | TEXTS
    | st.lists(LINES, max_size=3)
)


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def entries(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[Json]]:
    return with_primary(st.lists(st.fixed_dictionaries({"label": LABELS, "value": values}), max_size=6))


def with_primary(lists: st.SearchStrategy[list[Json]]) -> st.SearchStrategy[list[Json]]:
    """Lists with one primary entry, any of them."""
    return st.builds(_marked, lists, st.integers(0, 5))


def _marked(found: list[Json], chance: int) -> list[Json]:
    return [{**entry, "is_primary": n == chance % len(found)} for n, entry in enumerate(found)]


ADDRESSES = with_primary(
    st.lists(
        st.fixed_dictionaries(
            {
                "label": LABELS,
                "street": TEXTS,
                "city": optional(LINES),
                "region": optional(LINES),
                "postal_code": optional(LINES),
                "country": optional(st.sampled_from(["DE", "US", "JP", "XK"])),
            }
        ),
        max_size=4,
    )
)

CONTACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["person", "organization"]),
        "name": LINES,
        **dict.fromkeys(
            ("prefix", "given_name", "middle_name", "family_name", "suffix", "nickname"), optional(LINES)
        ),
        **dict.fromkeys(("job_title", "department", "source"), optional(LINES)),
        "emails": entries(EMAILS),
        "phones": entries(PHONES),
        "addresses": ADDRESSES,
        "urls": entries(URLS),
        "birthday": optional(st.dates().map(str)),
        "note": optional(TEXTS),
        "tags": st.lists(LINES, max_size=4),
        "custom": st.dictionaries(LINES, CUSTOM_VALUES, max_size=4),
        "owner_id": optional(st.just("u_" + "a" * 26)),
    }
)


def drafted(contact: Json) -> Json | None:
    """The contact as it is stored and sent; None if it is none."""
    try:
        return as_json(load(ContactDraft, contact, context={"region": "DE"}).columns())
    except Invalid:
        return None


def back(write: Writer, read: Reader, contacts: list[Json]) -> list[ParsedContact]:
    content = "".join(write(contacts)).encode()
    return list(read(io.BytesIO(content), max_rows=1000))


@settings(max_examples=80)
@given(contact=CONTACTS, organization=optional(LINES))
def test_a_contact_comes_back_as_it_went(contact: Json, organization: str | None) -> None:
    before = drafted(contact)
    employer = drafted({"kind": "organization", "name": organization}) if organization else None
    assume(before is not None)
    assert before is not None
    exported = {**before, "organization": employer["name"] if employer else None}
    for write, read in FORMATS:
        (parsed,) = back(write, read, [exported])
        assert not parsed.field_errors
        after = drafted(parsed.contact)
        assert after is not None
        assert {name: after[name] for name in EXPORTED} == {name: before[name] for name in EXPORTED}
        assert parsed.organization == exported["organization"]


@pytest.mark.parametrize(("write", "read"), FORMATS, ids=["csv", "vcard"])
def test_many_contacts_come_back_in_order(write: Writer, read: Reader) -> None:
    contacts = [drafted({"name": f"Person {n}", "tags": ["a,b", "c"]}) for n in range(50)]
    found = back(write, read, [contact for contact in contacts if contact])
    assert [card.contact["name"] for card in found] == [f"Person {n}" for n in range(50)]
    assert all(card.contact["tags"] == ["a,b", "c"] for card in found)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''+1"])
def test_formula_cells_are_made_harmless_and_restored(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert restored(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Anna", "'Anna'", "''", "1=1", " =1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert restored(harmless(cell)) == harmless(cell) == cell


def test_no_cell_of_an_export_is_a_formula() -> None:
    contact = {
        "name": "=HYPERLINK()", "note": "@x", "tags": ["+1"], "custom": {"=a": "=b"}, "phones": [{"value": "+49 30 123456"}]
    }  # fmt: skip
    before = drafted(contact)
    assert before is not None
    rows = list(csv.reader(io.StringIO("".join(csv_lines([before])).removeprefix("\ufeff"), newline="")))
    assert len(rows) == 2
    assert not [cell for cell in rows[1] if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def test_every_column_of_the_export_is_a_field_path() -> None:
    assert all(target_of(name) for name in HEADER)
    assert len(set(HEADER)) == len(HEADER)


def test_lines_of_cards_are_folded_at_75_octets_between_characters() -> None:
    lines = folded("NOTE:" + "ä€👍x" * 60).split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert min(len(line.encode()) for line in lines[:-1]) > 70
    assert lines[0] + "".join(line[1:] for line in lines[1:]) == "NOTE:" + "ä€👍x" * 60


def test_a_card_reads_as_other_programs_expect() -> None:
    before = drafted(
        {
            "given_name": "Anna", "family_name": "Berg", "birthday": "1980-03-22",
            "phones": [{"label": "mobile", "value": "+49 170 1234567"}], "tags": ["VIP", "a,b"], "note": "one\ntwo",
        }
    )  # fmt: skip
    assert before is not None
    lines = "".join(vcards([{**before, "organization": "Acme; Inc."}])).split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert lines[-2:] == ["END:VCARD", ""]
    expected = {
        "KIND:individual", "FN:Anna Berg", "N:Berg;Anna;;;", "ORG:Acme\\; Inc.", "BDAY:19800322",
        "TEL;TYPE=cell;PREF=1:+49 170 1234567", "CATEGORIES:VIP,a\\,b", "NOTE:one\\ntwo",
    }  # fmt: skip
    assert expected <= set(lines)
