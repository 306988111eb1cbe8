"""Read dates as people and programs write them in many languages."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import cache

from babel import Locale

from crmtenant.clock import LocalClock
from crmtenant.text.tokens import fold

_MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "VI"})
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "nb")
_ABBREVIATED_IN = frozenset({"en", "de"})
"""Any three letters of these languages' months will do: Sept, Mrz, Okt."""

_TIME = re.compile(
    r"(?:T|,? )[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AP]\.?M\.?)?(?: ?(?:Z|UTC|GMT))?(?: ?[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[^\W\d_]{2,12}\.?,? ")
_YEAR_FIRST = re.compile(r"(\d{4})([-./ ]?) ?(\d{1,2})\2 ?(\d{1,2})\.?")
_NUMBERS = re.compile(r"(\d{1,2})([./ -]) ?(\d{1,2})\2 ?(\d{4}|\d{2})")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?(?: de | d['’]| of |[ ./-]+)([^\W\d_]+)\.?(?: de | del |[ ,./-]+)(\d{4}|\d{2})"
)
_MONTH_DAY = re.compile(r"([^\W\d_]+)\.?[ ./-](\d{1,2})(?:st|nd|rd|th)?[ ,./-]+(\d{4}|\d{2})")
_EAST_ASIAN = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]")
_SERIAL = re.compile(r"[1-9]\d{4}(?:\.0+)?")
_FIRST_OF_EXCEL = date(1899, 12, 30)

_SAYS_SOMETHING = re.compile(r"[1-9]|[^\W\d_]")
_NO_YEAR = re.compile(r"--\d{2}-?\d{2}|\d{1,2}\.\d{1,2}\.?|\d{1,2}[/-]\d{1,2}")
_DAY_AND_NAME = re.compile(
    r"(?:\d{1,2}(?:\.|st|nd|rd|th)?[ .-]+([^\W\d_]+)|([^\W\d_]+)\.? \d{1,2}(?:st|nd|rd|th)?)\.?"
)
APPLE_NO_YEAR = "1604"
"""The year that Apple writes where there is none: long ago, and a leap year."""

Parts = tuple[int, int, int]


def day_of(text: str, region: str | None = None, *, is_month_first: bool | None = None) -> str | None:
    """Return the date in ISO 8601, None if the text is an empty date (0000-00-00), or the text if unrecognised.

    03/04/1980 is read as `is_month_first` says, or else as in the region: the month comes first in the United
    States.
    """
    text = " ".join(text.split())
    bare = _TIME.sub("", _with_ascii_digits(text))
    if not _SAYS_SOMETHING.search(bare):
        return None
    parts = _year_first(bare) or _numbers(bare, region, is_month_first) or _named(bare)
    if not parts:
        return text
    try:
        return date(*parts).isoformat()
    except ValueError:
        return text


def order_shown(text: str) -> bool | None:
    """Return whether the month comes first in this date, None if it could be either way."""
    found = _NUMBERS.fullmatch(_TIME.sub("", " ".join(text.split())))
    return _order_of(int(found[1]), int(found[3])) if found else None


def has_no_year(text: str) -> bool:
    """Return whether this is a birthday without a year: --0203, 3.2., 5/23, 12. März."""
    text = text.strip()
    named = _DAY_AND_NAME.fullmatch(text)
    return bool(_NO_YEAR.fullmatch(text) or (named and _month(named[1] or named[2])))


def day_of_serial(text: str) -> str | None:
    """Return the date that a spreadsheet counts in days (29314 is 1980-04-03), or None."""
    if not _SERIAL.fullmatch(text.strip()):
        return None
    days = int(float(text))
    day = _FIRST_OF_EXCEL + timedelta(days)
    return day.isoformat() if day <= LocalClock().today() else None


def without_year(day: str) -> str:
    """Return an ISO date in the form that RFC 6350 has for one without a year: --05-09."""
    return f"-{day[4:]}"


def _with_ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _year_first(text: str) -> Parts | None:
    found = _YEAR_FIRST.fullmatch(text) or _EAST_ASIAN.fullmatch(text)
    if not found:
        return None
    year, *_, month, day = found.groups()
    is_split = bool(len(found.groups()) == 3 or found[2] or len(month + day) == 4)
    return (int(year), int(month), int(day)) if is_split else None


def _numbers(text: str, region: str | None, is_month_first: bool | None) -> Parts | None:
    found = _NUMBERS.fullmatch(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
    shown = _order_of(first, second)
    usual = region in _MONTH_FIRST and found[2] != "."
    decided = next((order for order in (shown, is_month_first) if order is not None), usual)
    return (year, first, second) if decided else (year, second, first)


def _order_of(first: int, second: int) -> bool | None:
    """Return whether the month comes first, None where both numbers could be one or neither."""
    return None if (first > 12) == (second > 12) else second > 12


def _full_year(digits: str) -> int:
    """Return the year in full. Nobody is born in the future: 80 is 1980, and 05 is 2005."""
    if len(digits) == 4:
        return int(digits)
    today = LocalClock().today().year
    year = today - today % 100 + int(digits)
    return year if year <= today else year - 100


def _named(text: str) -> Parts | None:
    for candidate in (text, _WEEKDAY.sub("", text, count=1)):
        if found := _DAY_MONTH.fullmatch(candidate):
            day, month, year = found[1], found[2], found[3]
        elif found := _MONTH_DAY.fullmatch(candidate):
            month, day, year = found[1], found[2], found[3]
        else:
            continue
        if number := _month(month):
            return _full_year(year), number, int(day)
    return None


def _month(word: str) -> int | None:
    folded = fold(word)
    return _months().get(folded) or _abbreviations().get(folded[:3])


@cache
def _months() -> dict[str, int]:
    """Return the folded names of months in many languages, whole and abbreviated, with their numbers."""
    return {
        fold(name).strip("."): number
        for language in reversed(_LANGUAGES)
        for context in ("stand-alone", "format")
        for width in ("abbreviated", "wide")
        for number, name in Locale(language).months[context][width].items()
    }


@cache
def _abbreviations() -> dict[str, int]:
    return {
        fold(name)[:3]: number
        for language in sorted(_ABBREVIATED_IN)
        for number, name in Locale(language).months["format"]["wide"].items()
    }
