"""The tokens that a row is found by: its words, and what people type in place of them.

Beside each word there are: its end from each letter on ("ohm" for Böhm), words written in one ("annemarie" for
Anne-Marie, "macdonald" for Mac Donald), the other spelling of umlauts, `^` and the first two letters, and `-` and the
digits of a telephone number from its end. `search_query.py` asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice

from crmtenant.text.tokens import LONGEST_TOKEN, MOST_TOKENS, spellings, tokens, words

START = "^"
ENDING = "-"
IS_ORGANIZATION = "=organization"
"""The token of every organisation, by which one with another legal form is found."""
SHORTEST_INSIDE = 3
"""Letters. Less finds the beginnings of words only, by `START`."""
LONGEST_START = SHORTEST_INSIDE - 1
BEGINNINGS = range(3, 7)
"""Digits of a number's beginnings that are tokens too. Nothing more is found by them, but PostgreSQL counts common tokens:
so it knows that half of all numbers begin with 4917, and reads the newest contacts in place of an index of all numbers."""
_MOST_JOINED = 8
_MOST_JOINED_IN_TEXT = 3
TEXTS_REMEMBERED = 4096
LONGEST_REMEMBERED = 40
"""Characters. The tokens of longer texts take more room than they are worth."""

_SPELLED_OUT = re.compile("[aou]e|aa")
_NO_DIGIT = re.compile("[^0-9]")


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
    found = [IS_ORGANIZATION] if is_organization else []
    for name in filter(None, names):
        found += _of_name(name)
    for phone in phones:
        found += _of_phone(phone)
    for detail in filter(None, details):
        found += _of_detail(detail)
    if text:
        found += _of_text(text)
    return list(dict.fromkeys(found))[:MOST_TOKENS]


def _remembering(tokens_of: Callable[[str], list[str]]) -> Callable[[str], Sequence[str]]:
    """Return the function, remembering what it returned for short words: many contacts share names, towns and tags.

    Whole names and addresses are nearly all different, and would only drive those out.
    """

    @lru_cache(maxsize=TEXTS_REMEMBERED)
    def remembered(text: str) -> tuple[str, ...]:
        return tuple(tokens_of(text))

    return lambda text: (
        remembered(text) if text.isalpha() and len(text) <= LONGEST_REMEMBERED else tokens_of(text)
    )


@_remembering
def _of_name(name: str) -> list[str]:
    found = []
    for spelling in _stored_spellings(name):
        parts = list(words(spelling))
        found += [*_whole(parts), *_ends(parts), *_joined(parts, _MOST_JOINED)]
    return found


@_remembering
def _of_detail(detail: str) -> list[str]:
    found = []
    for spelling in _stored_spellings(detail):
        parts = list(words(spelling))
        found += [*_whole(parts), *_joined_chunks(spelling, parts, _MOST_JOINED)]
    return found


def _of_text(text: str) -> list[str]:
    found = _whole(tokens(text))
    for spelling in _stored_spellings(text):
        found += _joined_chunks(spelling, None, _MOST_JOINED_IN_TEXT)
    return found


def _of_phone(text: str) -> list[str]:
    found = _whole(words(text))
    digits = _NO_DIGIT.sub("", text)
    if digits:
        found += [digits[:LONGEST_TOKEN], ENDING + digits[::-1][: LONGEST_TOKEN - 1]]
    if len(digits) > BEGINNINGS[-1]:
        found += [digits[:length] for length in BEGINNINGS]
    return found


def _stored_spellings(text: str) -> tuple[str, ...]:
    """Return the folded text, with umlauts written out, and with written-out ones as single letters."""
    written = spellings(text)
    single = _SPELLED_OUT.sub(_first_letter, written[0])
    return written if single == written[0] else tuple(dict.fromkeys((*written, single)))


def _first_letter(found: re.Match[str]) -> str:
    return found[0][0]


def _whole(parts: Iterable[str]) -> list[str]:
    return [token for word in parts for token in (word, START + word[:LONGEST_START])]


def _ends(parts: Iterable[str]) -> list[str]:
    """Return the words from each letter inside on. Digits are found from their beginning, those of numbers by the end."""
    return [
        word[start:]
        for word in parts
        for start in range(1, len(word) - SHORTEST_INSIDE + 1)
        if word[start].isalpha()
    ]


def _joined(parts: list[str], most: int) -> list[str]:
    """Return the words written in one, from each of them on: "de la Cruz" gives "delacruz" and "lacruz"."""
    if not 1 < len(parts) <= most:
        return []
    return ["".join(parts[start:])[:LONGEST_TOKEN] for start in range(len(parts) - 1)]


def _joined_chunks(folded: str, parts: list[str] | None, most: int) -> list[str]:
    """Return the words written in one wherever only punctuation separates them: O'Brien, Anne-Marie."""
    chunks = folded.split()
    if parts is not None and len(parts) == len(chunks):
        return []
    found: list[str] = []
    for chunk in chunks:
        if not chunk.isalnum():
            found += _joined(list(islice(words(chunk), most + 1)), most)
    return found
