"""Find e-mail addresses, telephone numbers and links in cells that have other words too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crmtenant.formats.phone_texts import phones_in

LONGEST = 1000
"""Characters. A longer text is prose."""

_AT = re.compile(r" ?@ ?| ?[\[({] ?(?:at|@|ät) ?[\])}] ?", re.IGNORECASE)
_DOT = re.compile(r" ?[\[({] ?(?:dot|punkt|\.) ?[\])}] ?", re.IGNORECASE)
_BETWEEN_EMAILS = re.compile(r"[\s<>,;:()\[\]\"'|/]")
_BETWEEN_LINKS = re.compile(r"[\s<>,;()\"'|]")
_EMAIL = re.compile(r"[^@]+@[^@.]+(?:\.[^@.]+)+")
_LINK = re.compile(r"https?://.+|(?:[\w\-]++\.)++[^\W\d_]{2,}(?::[0-9]+)?(?:/.*)?", re.IGNORECASE)
_PREFIXES = frozenset({"email", "e-mail", "mail", "mailto", "web", "www", "homepage", "url", "link"})
_WORD = re.compile(r"[^\W_]")


@dataclass(slots=True)
class Salvaged:
    """What replaces an entry; `has_more` if the text says something else beside it."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    has_more: bool = False


def salvaged(name: str, text: str) -> Salvaged:
    """Return the entries of the list `name` that are in the text."""
    plain = " ".join(text.split())
    if len(plain) > LONGEST:
        return Salvaged(has_more=True)
    if name == "phones":
        return _phones(plain)
    if name == "emails":
        return _of_words(_BETWEEN_EMAILS.split(_DOT.sub(".", _AT.sub("@", plain))), _EMAIL.fullmatch)
    return _of_words(_BETWEEN_LINKS.split(plain), _LINK.fullmatch)


def _phones(text: str) -> Salvaged:
    found = phones_in(text)
    entries = [{"value": number} | ({"label": label} if label else {}) for number, label in found.numbers]
    return Salvaged(entries, found.has_more)


def _of_words(given: list[str], is_meant: Callable[[str], object]) -> Salvaged:
    words = list(dict.fromkeys(word.strip(".") for word in given))
    values = [word for word in words if is_meant(word)]
    others = [word for word in words if not is_meant(word) and word.lower().rstrip(":") not in _PREFIXES]
    return Salvaged([{"value": value} for value in values], any(map(_WORD.search, others)))
