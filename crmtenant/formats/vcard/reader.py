"""Contacts out of vCards 2.1, 3.0 and 4.0, and out of what telephones and Outlook call so; card by card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from crmtenant.errors import FieldError, Invalid, TooLarge
from crmtenant.formats.encoding import lines_of, text_of
from crmtenant.formats.parsed_contact import ParsedContact, faulty
from crmtenant.formats.vcard.contact import contact_card
from crmtenant.formats.vcard.lines import ContentLine, content_lines

MOST_LINES = 5000
"""Of one card."""

_UNTERMINATED = ("unterminated_card", "The card has no END:VCARD.")


def read_vcards(
    file: BinaryIO, *, max_rows: int, charset: str | None = None, region: str | None = None
) -> Iterator[ParsedContact]:
    """The cards of a file, lazily; what stands between them is passed over, nothing they refer to is opened.

    Errors: `Invalid` for a file that holds no card or cannot be decoded, `TooLarge` beyond `max_rows` cards; a
    card that cannot be read is a card with faults.
    """
    text = text_of(file, charset)
    count = 0
    for lines in _cards(content_lines(lines_of(text), text.encoding)):
        count += 1
        if count > max_rows:
            raise TooLarge(f"A file may have at most {max_rows} cards.")
        yield _card(count, lines, region)
    if not count:
        detail = "The file holds no vCard: nothing in it begins with BEGIN:VCARD."
        raise Invalid(FieldError("", "no_card", detail), detail=detail, code="no_card")


def _cards(lines: Iterable[ContentLine]) -> Iterator[list[ContentLine]]:
    """The lines of each card, its END the last of them. A card inside a card (AGENT of 2.1) is left out."""
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


def _card(number: int, lines: list[ContentLine], region: str | None) -> ParsedContact:
    if not lines or lines[-1].name != "END":
        return faulty(number, *_UNTERMINATED)
    if len(lines) > MOST_LINES + 1:
        return faulty(number, "too_many_lines", f"A card may have at most {MOST_LINES} lines.")
    cut = next((line for line in lines if line.is_cut and line.value), None)
    if cut is not None:
        return faulty(number, "too_long", f"The value of {cut.name[:40]} is too long.")
    if any("\0" in line.value for line in lines):
        return faulty(number, "nul_character", "The card holds a NUL character.")
    return contact_card(number, lines[:-1], region)
