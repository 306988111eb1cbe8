"""Short ASCII names of companies, for readable addresses."""

from __future__ import annotations

import itertools
import re
import secrets
import unicodedata
from collections.abc import Iterator

FALLBACK = "company"
MAX_LENGTH = 40

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
# Letters that Unicode does not decompose but everybody spells out.
_SPELLED_OUT = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "ı": "i",
        "&": " and ",
    }
)


def slug_candidates(name: str) -> Iterator[str]:
    """Yield slugs for a company of this name, best first, without end: `acme`, `acme-2`, then with random letters.

    A name without any Latin letter or digit gets `company-` and random letters at once: numbers would reveal how
    many such companies there are.
    """
    stem = _stem(name)
    if stem:
        yield stem
        yield f"{stem}-2"
    for length in itertools.count(6):
        yield f"{stem or FALLBACK}-{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


def is_slug(text: str) -> bool:
    """Return whether this can be a company's slug."""
    return _SLUG.fullmatch(text) is not None


def _stem(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLED_OUT))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_SLUG.sub("-", letters).strip("-")[:MAX_LENGTH].rstrip("-")
