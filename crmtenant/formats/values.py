"""Convert values as files spell them to what a contact's JSON expects: links, labels, flags.

Nothing is refused here. What is not recognised stays as it is and is left to the draft's validation.
"""

from __future__ import annotations

import re

from crmtenant.text.tokens import fold

MOST_CUSTOM_FIELDS = 50
LARGEST_CUSTOM_SIZE = 15_000
LONGEST_CUSTOM_VALUE = 1000
"""Characters. Longer cells in unknown columns are pictures, web pages, logs."""

_ACCESS_LINK = re.compile(r"[^#]*#([^#]*)#[^#]*")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_BINARY = re.compile(r"0x[0-9A-Fa-f]{32,}|data:[^,]{0,100};base64,.*|[A-Za-z0-9+/]{200,}={0,2}", re.DOTALL)
_TRUE = frozenset({"true", "1", "yes", "y", "wahr", "ja", "x"})

_LABELS = {
    "cell": "mobile",
    "handy": "mobile",
    "mobil": "mobile",
    "privat": "home",
    "private": "home",
    "business": "work",
    "geschaftlich": "work",
    "arbeit": "work",
    "iphone": "mobile",
}


def is_true(text: str) -> bool:
    """Return whether a cell means yes."""
    return text.strip().casefold() in _TRUE


def is_worth_keeping(text: str) -> bool:
    """Return whether the value of an unknown column is something a person would read."""
    return len(text) <= LONGEST_CUSTOM_VALUE and not _BINARY.fullmatch(text)


def label_of(text: str) -> str | None:
    """Return the label in our terms, or None. Google marks standard labels with a star, Apple with brackets."""
    plain = re.sub(r"^_\$!<(.*)>!\$_$", r"\1", text.strip()).removeprefix("* ").strip()
    if not plain or plain.upper() in {"SMTP", "EX"}:  # Outlook's e-mail types
        return None
    known = _LABELS.get(fold(plain), fold(plain))
    return known if known in {"mobile", "home", "work", "other", "fax", "main", "pager"} else plain


def link_of(text: str) -> str | None:
    """Return the URL in a cell that holds a link, or None if it leads nowhere.

    Access writes `words#address#`; an address without a scheme in there is a file on somebody's disk.
    """
    text = text.strip()
    found = _ACCESS_LINK.fullmatch(text)
    if found and _WEB.match(found[1].strip()):
        return found[1].strip()
    return None if found and not _WEB.match(text) else text
