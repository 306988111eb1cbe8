"""Whatever is sent, reading twice as much of it costs twice as much: counted, not timed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from crmtenant.api.web.http import pairs_of
from crmtenant.errors import TooLarge
from crmtenant.formats.contacts_json import read_json_contacts
from crmtenant.formats.csv.reader import open_csv
from crmtenant.formats.strict_json import STRICT, has_too_many_values
from crmtenant.formats.vcard.reader import read_vcards
from crmtenant.schemas.transfer.company_archive import Archive
from crmtenant.schemas.transfer.contact_preview import preview_of_csv
from crmtenant.schemas.transfer.contact_rows import checked
from tests.unit.formats.linear import assert_linear

MOST_ROWS = 100_000


def _csv(text: str | bytes, mapping: dict[str, str | None] | None = None) -> None:
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    found = open_csv(file, max_rows=MOST_ROWS, mapping=mapping, may_assume_header=True)
    list(checked(found.contacts("DE"), region="DE"))


def _mapped(text: str) -> None:
    header = text.partition("\n")[0].split(",")
    _csv(text, dict.fromkeys(header, "emails/0/value"))


def _vcard(text: str | bytes) -> None:
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    list(checked(read_vcards(file, max_rows=MOST_ROWS, region="DE"), region="DE"))


def _json(text: str) -> None:
    list(checked(read_json_contacts(io.BytesIO(text.encode()), max_rows=MOST_ROWS), region="DE"))


def _card(lines: Callable[[int], str]) -> Callable[[int], str]:
    return lambda n: f"BEGIN:VCARD\nVERSION:3.0\nFN:Anna\n{lines(n)}END:VCARD\n"


def _own_card(lines: Callable[[int], str]) -> Callable[[int], str]:
    return _card(lambda n: "PRODID:-//crmtenant//crmtenant//EN\n" + lines(n))


def _each(line: str) -> Callable[[int], str]:
    """As many lines, each with its number where the line has a place for it."""
    return lambda n: "".join(line.format(number) for number in range(n))


SHEETS: dict[str, Callable[[int], str | bytes]] = {
    "rows": lambda n: "Name,Email\n" + _each("Anna {0},a{0}@x.org\n")(n),
    "blank lines": lambda n: "Name\nAnna\n" + "\n" * n,
    "rows of delimiters": lambda n: "Name,Email\nAnna,a@x.org\n" + ",\n" * n,
    "short lines": lambda n: "Name\n" + "a\n" * n,
    "old line ends": lambda n: "Name\r" + "a\r" * n,
    "cells": lambda n: "Name,Email\nAnna," + "," * n,
    "columns": lambda n: ",".join(["Name", *(f"C{i}" for i in range(n))]) + "\nAnna" + ",x" * n,
    "columns of one name": lambda n: (
        ",".join(["Name", *["Extra"] * n]) + "\nAnna," + ",".join(map(str, range(n)))
    ),
    "notes": lambda n: ",".join(["Name", *["Notes"] * n]) + "\nAnna," + ",".join(map(str, range(n))),
    "e-mail columns": lambda n: ",".join(["Name", *["E-mail"] * n]) + "\nAnna" + ",no" * n,
    "dates": lambda n: ",".join(["Name", *["Birthday"] * n]) + "\nAnna" + ",13/13/13" * n,
    "a cell too many": lambda n: (
        ",".join(["Name", "Email", "Phone", *(f"C{i}" for i in range(n))])
        + "\nAnna,a@x.org,1"
        + ",x" * (n + 1)
    ),
    "quoted lines": lambda n: 'Name,Notes\nAnna,"' + "\n" * n + '"',
    "an open quote": lambda n: 'Name\n"' + "a\n" * n,
    "quotes": lambda n: 'Name\n"' + '""' * n + '"',
    "addresses in a cell": lambda n: 'Name,Email\nAnna,"' + _each("a{0}@x.org ")(n) + '"',
    "names in a cell": lambda n: 'Name,Email\nAnna,"' + _each("A {0} <a{0}@x.org>, ")(n) + '"',
    "comments in a cell": lambda n: 'Name,Email\nAnna,"a@x.org b ' + "(" * n + '"',
    "tags in a cell": lambda n: 'Name,Tags\nAnna,"' + _each("t{0},")(n) + '"',
    "spaces in tags": lambda n: 'Name,Tags\nAnna,"a' + " " * n + 'b"',
    "values in a cell": lambda n: "Name,Phone\nAnna," + " ::: ".join(map(str, range(n))),
    "stray bytes": lambda n: (
        b"Name,Email" + b",Notes" * n + b"\nAnna,a@x.org" + b",\xe4" * n + "\nÄÄÄÄ".encode() * n
    ),
    "wide characters": lambda n: ("Name\n" + "Ä\n" * n).encode("utf-16"),
}
CARDS: dict[str, Callable[[int], str | bytes]] = {
    "cards": lambda n: "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n" * n,
    "beginnings": lambda n: "BEGIN:VCARD\n" * n,
    "nested": lambda n: "BEGIN:VCARD\n" + "AGENT:\nBEGIN:VCARD\n" * n,
    "soft breaks": _card(lambda n: "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=\n" * n + "\n"),
    "soft breaks and folds": _card(
        lambda n: "NOTE;ENCODING=QUOTED-PRINTABLE:" + "x" * 5000 + "=\n =\n" * n + "\n"
    ),
    "folds": _card(lambda n: "NOTE:" + "x\n " * n + "\n"),
    "empty folds": _card(lambda n: "NOTE:x" + "\n " * n + "\n"),
    "a photo": _card(lambda n: "PHOTO;ENCODING=b:" + "aaaaaaaa\n " * n + "\n"),
    "escapes": _card(lambda n: "ADR:\\n" + ";" * n + "\\;" * n + "\n"),
    "an escape in a long value": _card(lambda n: "N:\\n" + "a" * n + "\n"),
    "parameters": _card(lambda n: "TEL" + ";TYPE=x" * n + ":1\n"),
    "quotes": _card(lambda n: 'TEL;X="' * n + ":1\n"),
    "addresses": _card(_each("EMAIL:a{0}@x.org\n")),
    "numbers by labels": _card(_each("TEL;TYPE=x{0}:030 1234567\n")),
    "preferred numbers": _card(lambda n: "TEL;TYPE=pref:030 1234567\n" * n),
    "postal addresses": _card(_each("ADR:;;Street {0};Kiel;;24103;Germany\n")),
    "names": _card(_each("FN:Anna {0}\n")),
    "notes": _card(_each("NOTE:{0}\n")),
    "unknown": _card(_each("X-THING-{0}:{0}\n")),
    "unknown of one name": _card(_each("X-THING:{0}\n")),
    "names of ours": _own_card(_each("FN:Anna {0}\n")),
    "tags": _card(_each("CATEGORIES:t{0}\n")),
    "lines between": lambda n: "x\n" * n + "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n",
    "folds within characters": lambda n: (
        b"BEGIN:VCARD\nFN:Anna\nNOTE:" + b"\xc3\n \xa4" * n + b"\nEND:VCARD\n"
    ),
}
DOCUMENTS: dict[str, Callable[[int], str]] = {
    "contacts": lambda n: json.dumps([{"name": f"Anna {i}"} for i in range(n)]),
    "numbers": lambda n: "[" + "1," * n + "1]",
    "members": lambda n: "{" + _each('"a{0}":1,')(n) + '"items":[]}',
    "deep": lambda n: "[" * n,
    "spaces": lambda n: "[" + " " * n + "]",
    "e-mail addresses": lambda n: json.dumps([{"name": "Anna", "emails": [{"value": "no"}] * n}]),
    "tags": lambda n: json.dumps([{"name": "Anna", "tags": [str(i) for i in range(n)]}]),
    "custom fields": lambda n: json.dumps([{"name": "Anna", "custom": {str(i): "x" for i in range(n)}}]),
    "organisations": lambda n: json.dumps([{"kind": "organization", "id": i, "name": "A"} for i in range(n)]),
}


@pytest.mark.parametrize("made", SHEETS.values(), ids=SHEETS)
def test_sheets(made: Callable[[int], str | bytes]) -> None:
    assert_linear(_csv, made, 240)


def test_sheets_whose_columns_are_all_mapped() -> None:
    assert_linear(_mapped, lambda n: ",".join(f"C{i}" for i in range(n)) + "\n" + ",".join("x" * n), 240)


@pytest.mark.parametrize("made", CARDS.values(), ids=CARDS)
def test_cards(made: Callable[[int], str | bytes]) -> None:
    assert_linear(_vcard, made, 240)


@pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents(made: Callable[[int], str]) -> None:
    assert_linear(_json, made, 240)


def test_previews() -> None:
    def preview(text: str) -> None:
        preview_of_csv(open_csv(io.BytesIO(text.encode()), max_rows=MOST_ROWS), "DE")

    assert_linear(preview, SHEETS["rows"], 500)
    assert_linear(preview, SHEETS["columns"], 240)


@pytest.mark.parametrize(
    "made",
    [
        lambda n: "a=1&" * n,
        lambda n: "&" * n,
        lambda n: "=" * n,
        lambda n: "a=" + "%41" * n,
        lambda n: "+;" * n,
    ],
)
def test_queries(made: Callable[[int], str]) -> None:
    assert_linear(pairs_of, made, 500)


def _zip(names: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(names):
            archive.writestr(f"data/{number}.jsonl", b"")
    return file.getvalue()


def test_archives() -> None:
    def read(file: bytes) -> None:
        Archive(io.BytesIO(file), frozenset(), 1 << 30)

    assert_linear(read, _zip, 150)


def test_an_archive_with_a_long_list_of_contents_is_refused_before_the_list_is_read() -> None:
    with pytest.raises(TooLarge):
        Archive(io.BytesIO(_zip(3000)), frozenset(), 1 << 30)


@pytest.mark.parametrize(
    ("document", "is_too_much"),
    [
        (b"[" + b"1," * 200_000 + b"1]", True),
        (b"[" + b"[]," * 200_000 + b"1]", True),
        (b"{" + b'"a":{},' * 200_000 + b"}", True),
        (b'"' + b"one, two, " * 200_000 + b'"', False),
        (b'["\\\\",' + b'"a, \\", b",' * 20_000 + b"1]", False),
    ],
)
def test_a_document_with_very_many_values_is_told(document: bytes, is_too_much: bool) -> None:
    assert has_too_many_values(document) == is_too_much


@pytest.mark.parametrize("made", [lambda n: '{"a":' * n, lambda n: "[" + '{"a":1},' * n + "1]"])
def test_bodies(made: Callable[[int], str]) -> None:
    def read(text: str) -> Any:
        try:
            return STRICT.decode(text)
        except (ValueError, RecursionError):
            return None

    assert_linear(read, made, 500)
