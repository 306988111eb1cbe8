"""How often a file is read: once to check it whole before anything is written, once for its rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import pytest

from crmtenant.errors import Invalid, TooLarge
from crmtenant.formats.contacts_json import read_json_contacts
from crmtenant.formats.csv.reader import open_csv, read_csv
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.vcard.reader import read_vcards

Reader = Callable[..., Iterator[ParsedContact]]

ROWS = 10_000
START = 1 << 17
"""Bytes. The look at the start: for a byte order mark, and for the delimiter and the header."""
NOTE = "word " * 20


class CountingFile(io.BytesIO):
    """A file that counts the bytes read of it."""

    bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        return self._counted(super().read(size))

    def read1(self, size: int | None = -1, /) -> bytes:
        return self._counted(super().read1(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._counted(super().readline(size))

    def _counted(self, block: bytes) -> bytes:
        self.bytes_read += len(block)
        return block


def sheet(name: str) -> str:
    return "Name;City;Notes\n" + "".join(f"{name} {n};Kiel;{name} {NOTE}\n" for n in range(ROWS))


def cards(name: str) -> str:
    return "".join(f"BEGIN:VCARD\nFN:{name} {n}\nNOTE:{name} {NOTE}\nEND:VCARD\n" for n in range(ROWS))


def entries(name: str) -> str:
    return json.dumps([{"name": f"{name} {n}", "note": NOTE} for n in range(ROWS)])


FILES = [(read_csv, sheet), (read_vcards, cards), (read_json_contacts, entries)]


@pytest.mark.parametrize(("read", "text"), FILES, ids=["csv", "vcard", "json"])
def test_a_file_is_read_twice(read: Reader, text: Callable[[str], str]) -> None:
    content = text("Jörg").encode()
    file = CountingFile(content)
    assert sum(1 for _ in read(file, max_rows=ROWS)) == ROWS
    assert 2 * len(content) <= file.bytes_read <= 2 * len(content) + START


@pytest.mark.parametrize(("read", "text"), FILES[:2], ids=["csv", "vcard"])
def test_a_file_in_an_old_encoding_is_read_twice_and_in_part(
    read: Reader, text: Callable[[str], str]
) -> None:
    content = text("Jörg").encode("cp1252")
    file = CountingFile(content)
    assert sum(1 for _ in read(file, max_rows=ROWS)) == ROWS
    assert file.bytes_read <= 2.5 * len(content)


def test_a_file_is_read_once_to_be_refused_for_its_length() -> None:
    content = sheet("Anna").encode()
    file = CountingFile(content)
    with pytest.raises(TooLarge):
        open_csv(file, max_rows=ROWS - 1)
    assert file.bytes_read <= len(content) + START


@pytest.mark.parametrize("head", ["nothing\n", "Name\n", 'Name\n"never closed\n', "Name\n" + "A\n" * 9])
def test_a_byte_that_does_not_decode_is_reported_whatever_else_is_wrong(head: str) -> None:
    content = head.encode() + b"Anna\n" * 200_000 + b"\xff"
    with pytest.raises(Invalid) as refusal:
        open_csv(io.BytesIO(content), max_rows=5, charset="utf-8")
    assert (refusal.value.reason, f"byte {len(content) - 1} " in refusal.value.detail) == (
        "undecodable",
        True,
    )


def test_the_encoding_is_that_of_what_an_unclosed_quote_hides() -> None:
    content = b'Name,Notes\nAnna,"begins\n' + b"x,y\n" * 200_000 + "Jörg".encode("cp1252")
    found = [
        entry.code for parsed in read_csv(io.BytesIO(content), max_rows=9) for entry in parsed.field_errors
    ]
    assert found == ["cell_too_long", "unclosed_quote"]
