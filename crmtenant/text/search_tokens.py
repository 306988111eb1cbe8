"""The tokens that a row is found by: its words, and what people type in place of them.

Beside each word there are: its end from each letter on ("ohm" for Böhm), words written in one ("annemarie" for
Anne-Marie, "macdonald" for Mac Donald), the other spelling of umlauts, `^` and the first two letters, and `-` and the
digits of a telephone number from its end. `search_query.py` asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from crmtenant.text.tokens import LONGEST_TOKEN, MOST_TOKENS, spellings, tokens, words

START = "^"
ENDING = "-"
IS_ORGANIZATION = "=organization"
"""The token of every organisation, by which one with another legal form is found."""
SHORTEST_INSIDE = 3
"""Letters. Less finds the beginnings of words only, by `START`."""
LONGEST_START = SHORTEST_INSIDE - 1
_MOST_JOINED = 8
_MOST_JOINED_IN_TEXT = 3

_SPELLED_OUT = re.compile("[aou]e|aa")


def search_tokens(
    *names: str | None,
    details: Iterable[str | None] = (),
    phones: Iterable[str] = (),
    text: str | None = None,
    is_organization: bool = False,
) -> list[str]:
    """Return the distinct tokens, at most 3,000 of at most 64 characters, the most telling first.

    Names are found by what is inside their words too, and by several words written in one. Details are found by
    their words, which may be written in one where only punctuation separates them, and so is `text`, which is long.
    `phones` are numbers as they are written, or their digits.
    """
    found = _all_tokens(names, details, phones, text, is_organization=is_organization)
    return list(islice(dict.fromkeys(found), MOST_TOKENS))


def _all_tokens(
    names: Iterable[str | None],
    details: Iterable[str | None],
    phones: Iterable[str],
    text: str | None,
    *,
    is_organization: bool,
) -> Iterator[str]:
    if is_organization:
        yield IS_ORGANIZATION
    for name in filter(None, names):
        for spelling in _stored_spellings(name):
            parts = list(words(spelling))
            yield from _whole(parts)
            yield from _ends(parts)
            yield from _joined(parts, _MOST_JOINED)
    for phone in phones:
        yield from _phone(phone)
    for detail in filter(None, details):
        for spelling in _stored_spellings(detail):
            parts = list(words(spelling))
            yield from _whole(parts)
            yield from _joined_chunks(spelling, parts, _MOST_JOINED)
    yield from _whole(tokens(text))
    for spelling in _stored_spellings(text or ""):
        yield from _joined_chunks(spelling, None, _MOST_JOINED_IN_TEXT)


def _stored_spellings(text: str) -> tuple[str, ...]:
    """Return the folded text, with umlauts written out, and with written-out ones as single letters."""
    written = spellings(text)
    single = _SPELLED_OUT.sub(_first_letter, written[0])
    return written if single == written[0] else tuple(dict.fromkeys((*written, single)))


def _first_letter(found: re.Match[str]) -> str:
    return found[0][0]


def _whole(parts: Iterable[str]) -> Iterator[str]:
    for word in parts:
        yield word
        yield START + word[:LONGEST_START]


def _ends(parts: Iterable[str]) -> Iterator[str]:
    """Yield the words from each letter inside on. Digits are found from their beginning, those of numbers by the end."""
    for word in parts:
        for start in range(1, len(word) - SHORTEST_INSIDE + 1):
            if word[start].isalpha():
                yield word[start:]


def _joined(parts: list[str], most: int) -> Iterator[str]:
    """Yield the words written in one, from each of them on: "de la Cruz" gives "delacruz" and "lacruz"."""
    if 1 < len(parts) <= most:
        for start in range(len(parts) - 1):
            yield "".join(parts[start:])[:LONGEST_TOKEN]


def _joined_chunks(folded: str, parts: list[str] | None, most: int) -> Iterator[str]:
    """Yield the words written in one wherever only punctuation separates them: O'Brien, Anne-Marie."""
    chunks = folded.split()
    if parts is not None and len(parts) == len(chunks):
        return
    for chunk in chunks:
        if not chunk.isalnum():
            yield from _joined(list(islice(words(chunk), most + 1)), most)


def _phone(text: str) -> Iterator[str]:
    yield from _whole(words(text))
    digits = re.sub("[^0-9]", "", text)
    if digits:
        yield digits[:LONGEST_TOKEN]
        yield ENDING + digits[::-1][: LONGEST_TOKEN - 1]
