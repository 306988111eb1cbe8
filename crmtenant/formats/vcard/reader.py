"""Read contacts from vCards 2.1, 3.0 and 4.0, and from what telephones and Outlook make of them; one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from crmtenant.errors import FieldError, Invalid, TooLarge
from crmtenant.formats.encoding import Text, text_of_folded
from crmtenant.formats.parsed_contact import ParsedContact, invalid
from crmtenant.formats.vcard.contact import parsed_contact
from crmtenant.formats.vcard.lines import ContentLine, content_lines

MOST_LINES = 5000
"""Of one vCard."""

_UNTERMINATED = ("unterminated_card", "The vCard has no END:VCARD.")


def read_vcards(
    file: BinaryIO, *, max_rows: int, charset: str | None = None, region: str | None = None
) -> Iterator[ParsedContact]:
    """Yield a contact for each vCard of a file, lazily; an invalid one for a vCard that cannot be read.

    What lies between the vCards is skipped, and nothing that they refer to is opened.

    Raises:
        Invalid: the file has no vCard or cannot be decoded.
        TooLarge: there are more than `max_rows` vCards.
    """
    return vcards_of(text_of_folded(file, charset), max_rows=max_rows, region=region)


def vcards_of(text: Text, *, max_rows: int, region: str | None = None) -> Iterator[ParsedContact]:
    """Yield the contacts of a file whose encoding is known; as `read_vcards`."""
    count = 0
    for lines in _cards(content_lines(text)):
        count += 1
        if count > max_rows:
            raise TooLarge(f"A file may have at most {max_rows} vCards.")
        yield _parsed(count, lines, region)
    if not count:
        detail = "The file contains no vCard: nothing in it begins with BEGIN:VCARD."
        raise Invalid(FieldError("", "no_card", detail), detail=detail, code="no_card")


def _cards(lines: Iterable[ContentLine]) -> Iterator[list[ContentLine]]:
    """Yield the lines of each vCard, END the last of them. A vCard inside another (AGENT of 2.1) is left out."""
    card: list[ContentLine] | None = None
    depth = 0
    for line in lines:
        marks = line.value.strip().upper() == "VCARD" and line.name
        if marks == "BEGIN" and card and card[-1].name == "AGENT":
            depth += 1
        elif marks == "BEGIN" and not depth:
            if card is not None:
                yield card
            card = []
        elif marks == "END" and depth:
            depth -= 1
        elif card is not None and not depth:
            if marks == "END":
                yield [*card, line]
                card = None
            elif len(card) <= MOST_LINES:
                card.append(line)
    if card is not None:
        yield card


def _parsed(number: int, lines: list[ContentLine], region: str | None) -> ParsedContact:
    if not lines or lines[-1].name != "END":
        return invalid(number, *_UNTERMINATED)
    if len(lines) > MOST_LINES + 1:
        return invalid(number, "too_many_lines", f"A vCard may have at most {MOST_LINES} lines.")
    cut = next((line for line in lines if line.is_cut and line.value), None)
    if cut is not None:
        return invalid(number, "too_long", f"The value of {cut.name[:40]} is too long.")
    if any("\0" in line.value for line in lines):
        return invalid(number, "nul_character", "The vCard contains a NUL character.")
    return parsed_contact(number, lines[:-1], region)
