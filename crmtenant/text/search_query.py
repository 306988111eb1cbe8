"""What people type into a search box, as a tsquery over the tokens of `search_tokens.py`.

No SQL is run here. The lexemes hold letters, digits and the marks of `search_tokens.py`, never a quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from crmtenant.text.legal_forms import split_legal_form
from crmtenant.text.search_tokens import (
    ENDING,
    IS_ORGANIZATION,
    LONGEST_START,
    SHORTEST_INSIDE,
    START,
)
from crmtenant.text.tokens import LONGEST_TOKEN, fold, spellings, words

LONGEST_QUERY = 1000
MOST_WORDS = 10
FEWEST_PHONE_DIGITS = 4
_MOST_JOINED = 5

_PHONE_LIKE = re.compile(r"[0-9+().\-/]+")
_TRUNK_ZERO = re.compile(r"\(0\)")
_PLUS_ALONE = re.compile(r"\+\s+(?=[0-9])")
_CONNECTING = frozenset({"und", "and", "et"})

Term = tuple[str, ...]
"""The spellings that a word may have in the index."""


def tsquery(q: str) -> str | None:
    """Return the text of a tsquery (to be cast, not parsed by a text search configuration), or None.

    Rows must have each of the first 10 words: as the beginning of a word, or from three letters on inside one. Words
    may be written in one or apart, a telephone number in any way or by its last digits, an organisation with any
    legal form. None when `q` has no word to search for.
    """
    conditions, left = list[str](), MOST_WORDS
    for is_number, chunks in _groups(_PLUS_ALONE.sub("+", q[:LONGEST_QUERY]).split()):
        terms = list(dict.fromkeys(_terms(chunks)))[:left]
        left -= len(terms)
        if terms:
            conditions.append(_number(" ".join(chunks), terms) if is_number else _in_words(chunks, terms))
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else _all_of(conditions)


def _groups(chunks: Iterable[str]) -> Iterator[tuple[bool, list[str]]]:
    """Yield the parts of the query that stand together, and whether each can be a telephone number or its end."""
    alike = [list(group) for _, group in groupby(chunks, _is_phone_like)]
    told = [
        (_is_phone_like(group[0]) and len(_digits("".join(group))) >= SHORTEST_INSIDE, group)
        for group in alike
    ]
    for is_number, groups in groupby(told, lambda one: one[0]):
        yield is_number, [chunk for _, group in groups for chunk in group]


def _is_phone_like(chunk: str) -> bool:
    return _PHONE_LIKE.fullmatch(fold(chunk)) is not None


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", _TRUNK_ZERO.sub("", fold(text)))


def _terms(chunks: Iterable[str]) -> Iterator[Term]:
    for chunk in chunks:
        plain, *others = (list(words(spelling)) for spelling in spellings(chunk))
        for place, word in enumerate(plain):
            variants = [other[place] for other in others if len(other) == len(plain)]
            yield tuple(dict.fromkeys((word, *variants)))


def _number(typed: str, terms: list[Term]) -> str:
    """Return the condition for what can be a telephone number, or part of one, but also a postcode and a house number."""
    in_words = _all_of([_any_of([*map(_begun, term)]) for term in terms])
    digits = _digits(typed)
    international = digits.removeprefix("00")
    numbers = [digits, international] if len(digits) >= FEWEST_PHONE_DIGITS else []
    ends = [international] if len(international) >= SHORTEST_INSIDE else []
    found = [
        in_words,
        *(_prefix(number[:LONGEST_TOKEN]) for number in numbers),
        *(_prefix(ENDING + end[::-1][: LONGEST_TOKEN - 1]) for end in ends),
    ]
    return _any_of(list(dict.fromkeys(found)), is_bracketed=False)


def _in_words(chunks: list[str], terms: list[Term]) -> str:
    optional = _optional(terms)
    wanted = [
        _any_of([*map(_begun, term), *([_exact(IS_ORGANIZATION)] if place in optional else [])])
        for place, term in enumerate(terms)
    ]
    joined = _in_one(chunks)
    alternatives = [_all_of(wanted), *(_prefix(word) for word in joined)]
    return _any_of(alternatives, is_bracketed=False)


def _optional(terms: list[Term]) -> set[int]:
    """Return the places of the words that an organisation's name may do without: its legal form, and "and"."""
    plain = [term[0] for term in terms]
    core, legal_form = split_legal_form(plain)
    form = range(len(core), len(plain)) if legal_form else range(0)
    connecting = (place for place, word in enumerate(plain[1:-1], start=1) if word in _CONNECTING)
    return {*form, *connecting}


def _in_one(chunks: list[str]) -> list[str]:
    """Return the words of the query written in one, in their spellings; none if it is one word or many."""
    found = []
    for spelling in spellings(" ".join(chunks)):
        parts = list(words(spelling))
        if 1 < len(parts) <= _MOST_JOINED:
            found.append("".join(parts)[:LONGEST_TOKEN])
    return list(dict.fromkeys(found))


def _begun(word: str) -> str:
    """Return the condition that a word, or its end from three letters on, begins with this."""
    if len(word) == LONGEST_START:
        # No token of a beginning is longer. Of a lexeme PostgreSQL skips what the others do not have; what a prefix
        # finds, such as the country code of all numbers, it reads to the end.
        return _exact(START + word)
    return _prefix(word if len(word) > LONGEST_START else START + word)


def _prefix(lexeme: str) -> str:
    return f"'{lexeme}':*"


def _exact(lexeme: str) -> str:
    return f"'{lexeme}'"


def _all_of(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else " & ".join(map(_in_brackets, conditions))


def _any_of(conditions: list[str], *, is_bracketed: bool = True) -> str:
    if len(conditions) == 1:
        return conditions[0]
    either = " | ".join(
        _in_brackets(condition) if " & " in condition else condition for condition in conditions
    )
    return f"({either})" if is_bracketed else either


def _in_brackets(condition: str) -> str:
    is_one = " " not in condition or (condition.startswith("(") and _closes_at_end(condition))
    return condition if is_one else f"({condition})"


def _closes_at_end(condition: str) -> bool:
    depth = 0
    for place, character in enumerate(condition):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(condition) - 1
    return False
