"""The tokens that a row is found by: its words, and what people type in place of them.

Beside each word there are: words written in one ("annemarie" for Anne-Marie, "macdonald" for Mac Donald), the other
spelling of umlauts, `~` and what follows inside a word ("~ohm" for Böhm), `-` and the digits of a telephone number
from its end. `search_query.py` asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from crmtenant.text.tokens import LONGEST_TOKEN, MOST_TOKENS, spellings, tokens, words

INSIDE = "~"
ENDING = "-"
IS_ORGANIZATION = "=organization"
"""The token of every organisation, by which one with another legal form is found."""
LONGEST_INSIDE = 6
"""Of what follows inside a word so much is kept; longer words are found by several of these."""
SHORTEST_INSIDE = 3
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

    Names and details are found by what is inside their words too. The words of a name may be written in one.
    `text` is long and found by its words. `phones` are numbers as they are written, or their digits.
    """
    found = _all_tokens(names, list(details), phones, text, is_organization=is_organization)
    return list(islice(dict.fromkeys(found), MOST_TOKENS))


def _all_tokens(
    names: Iterable[str | None],
    details: list[str | None],
    phones: Iterable[str],
    text: str | None,
    *,
    is_organization: bool,
) -> Iterator[str]:
    if is_organization:
        yield IS_ORGANIZATION
    given = [name for name in names if name]
    yield from tokens(*given)
    for spelling in _stored_spellings(given):
        yield from _short(spelling, [spelling])
    for phone in phones:
        yield from _phone(phone)
    yield from tokens(*details)
    for spelling in _stored_spellings(details):
        yield from _short(spelling, spelling.split())
    yield from tokens(text)
    for spelling in _stored_spellings([text]):
        for chunk in spelling.split():
            yield from _joined(chunk, _MOST_JOINED_IN_TEXT)


def _stored_spellings(texts: Iterable[str | None]) -> Iterator[str]:
    """Yield each folded text, with umlauts written out, and with written-out ones as single letters."""
    for text in texts:
        written = spellings(text or "")
        yield from dict.fromkeys((*written, _SPELLED_OUT.sub(lambda found: found[0][0], written[0])))


def _short(folded: str, units: Iterable[str]) -> Iterator[str]:
    for word in words(folded):
        yield word
        yield from _inside(word)
    for unit in units:
        yield from _joined(unit, _MOST_JOINED)


def _inside(word: str) -> Iterator[str]:
    """Yield what follows each letter inside the word. Digits are found by their beginning, and those of numbers by
    their end."""
    for start in range(1, len(word) - SHORTEST_INSIDE + 1):
        if word[start].isalpha():
            yield INSIDE + word[start : start + LONGEST_INSIDE]


def _joined(folded: str, most: int) -> Iterator[str]:
    """Yield the words written in one, from each of them on: "de la Cruz" gives "delacruz" and "lacruz"."""
    parts = list(islice(words(folded), most + 1))
    if 1 < len(parts) <= most:
        for start in range(len(parts) - 1):
            yield "".join(parts[start:])[:LONGEST_TOKEN]


def _phone(text: str) -> Iterator[str]:
    yield from words(text)
    digits = re.sub("[^0-9]", "", text)
    if digits:
        yield digits[:LONGEST_TOKEN]
        yield ENDING + digits[::-1][: LONGEST_TOKEN - 1]
