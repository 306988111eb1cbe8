"""Convert values as files spell them to what a contact's JSON expects: dates, links, labels, flags.

Nothing is refused here. What is not recognised stays as it is and is left to the draft's validation.
"""

from __future__ import annotations

import re
from datetime import date

from babel import Locale

from crmtenant.clock import now
from crmtenant.text.tokens import fold

MOST_CUSTOM_FIELDS = 50
LARGEST_CUSTOM_SIZE = 15_000
LONGEST_CUSTOM_VALUE = 1000
"""Characters. Longer cells in unknown columns are pictures, web pages, logs."""

_MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "VI"})
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
_NUMBERS = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?: 0?0:00(?::00)?(?: AM)?)?")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th)?\s+([^\W\d]+)\.?,?\s+(\d{4})")
_MONTH_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
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


def day_of(text: str, region: str | None = None) -> str | None:
    """Return the date in ISO 8601, None if the text is an empty date (0000-00-00), or the text if unrecognised.

    03/04/1980 is read as in the region: the month comes first in the United States.
    """
    text = text.strip()
    if not re.search(r"[1-9]", text):
        return None
    parts = _iso(text) or _numbers(text, region) or _named(text)
    if not parts:
        return text
    try:
        return date(*parts).isoformat()
    except ValueError:
        return text


def has_no_year(text: str) -> bool:
    """Return whether this is a birthday without a year, as RFC 6350 (--0203) and telephones write it."""
    return re.fullmatch(r"--\d{2}-?\d{2}|\d{1,2}\.\d{1,2}\.", text.strip()) is not None


def _iso(text: str) -> tuple[int, int, int] | None:
    found = _ISO.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _numbers(text: str, region: str | None) -> tuple[int, int, int] | None:
    found = _NUMBERS.fullmatch(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
    is_month_first = found[2] != "." and (second > 12 or (first <= 12 and region in _MONTH_FIRST))
    return (year, first, second) if is_month_first else (year, second, first)


def _full_year(digits: str) -> int:
    """Return the year in full. Nobody is born in the future: 80 is 1980, and 05 is 2005."""
    if len(digits) == 4:
        return int(digits)
    today = now().year
    year = today - today % 100 + int(digits)
    return year if year <= today else year - 100


def _named(text: str) -> tuple[int, int, int] | None:
    if found := _DAY_MONTH.fullmatch(text):
        day, month, year = found[1], found[2], found[3]
    elif found := _MONTH_DAY.fullmatch(text):
        month, day, year = found[1], found[2], found[3]
    else:
        return None
    number = _months().get(fold(month)[:3])
    return (int(year), number, int(day)) if number else None


def _months() -> dict[str, int]:
    """Return the first three letters of English and German month names with their numbers."""
    return {
        fold(name)[:3]: number
        for language in ("en", "de")
        for number, name in Locale(language).months["format"]["wide"].items()
    }
