"""Recurrence rules of RFC 5545, as far as tasks need them.

Dates only: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, numbers are bounded, and a rule that never matches a
date is refused, because the search for the next one would never end.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from dateutil.rrule import rrule, rruleset, rrulestr

LONGEST_RULE = 200
LARGEST_INTERVAL = 1000
LARGEST_COUNT = 10_000
# dateutil searches for dates up to the year 9999, which takes three seconds for a rule without any. The
# calendar repeats every 400 years, so we search in the last years it knows, where it soon gives up.
_CYCLE = 400
_LATE_YEAR = 9900
_LAST_YEAR = 9999
# The last 40 years have every day of the calendar on every weekday, 29 February too.
_PROBE = date(9960, 1, 1)

_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_DAY_OF_MONTH = "[+-]?(?:[1-9]|[12][0-9]|3[01])"
_PARTS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("[1-9][0-9]{0,3}"),
    "COUNT": re.compile("[1-9][0-9]{0,4}"),
    "UNTIL": re.compile("[0-9]{8}(?:T[0-9]{6}Z?)?"),
    "BYMONTH": re.compile("(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*"),
    "BYMONTHDAY": re.compile(f"{_DAY_OF_MONTH}(?:,{_DAY_OF_MONTH})*"),
    "BYDAY": re.compile(f"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY})*"),
    "BYSETPOS": re.compile("[+-]?[1-9][0-9]?(?:,[+-]?[1-9][0-9]?)*"),
    "WKST": re.compile(_DAY),
}
_COUNT = re.compile(";COUNT=([0-9]+)")
_UNTIL = re.compile(";UNTIL=([0-9]{8})")


def normal_form(text: str) -> str:
    """Return the rule in capitals, its parts in one order, without "RRULE:".

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    if len(text) > LONGEST_RULE:
        raise ValueError(f"A recurrence rule has at most {LONGEST_RULE} characters.")
    parts = _parts(text.strip().upper().removeprefix("RRULE:"))
    _check_bounds(parts)
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    if not _has_dates(parts):
        raise ValueError("This rule never matches a date.")
    return rule


def next_day(rule: str, day: date) -> date | None:
    """Return the next date of a rule in normal form that starts on `day`.

    None when it has ended, or has no date in the next hundred years. `spent` makes the rule for the dates that
    remain after it.
    """
    years = _CYCLE * max(0, (_LATE_YEAR - day.year) // _CYCLE)
    late_rule = _UNTIL.sub(lambda found: _later_until(found[1], years), rule)
    start = _later(day, years)
    found = _read(late_rule, start).after(_midnight(start))
    return _later(found.date(), -years) if found else None


def spent(rule: str) -> str:
    """Return the rule for what remains after one occurrence: COUNT, if there is one, is one less."""
    return _COUNT.sub(lambda found: f";COUNT={max(1, int(found[1]) - 1)}", rule)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if name not in _PARTS or not equals:
            raise ValueError(f"A rule consists of {', '.join(_PARTS)}, each with a value.")
        if name in parts:
            raise ValueError(f"{name} is given twice.")
        if not _PARTS[name].fullmatch(value):
            raise ValueError(f"{name} has an invalid value.")
        parts[name] = _until_day(value) if name == "UNTIL" else value
    return parts


def _until_day(value: str) -> str:
    """Return the date of UNTIL without its time: our rules have dates only."""
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        raise ValueError("UNTIL is not a calendar date.") from None
    return value[:8]


def _check_bounds(parts: dict[str, str]) -> None:
    if "FREQ" not in parts:
        raise ValueError("FREQ is missing: DAILY, WEEKLY, MONTHLY or YEARLY.")
    if int(parts.get("INTERVAL", 1)) > LARGEST_INTERVAL:
        raise ValueError(f"INTERVAL is at most {LARGEST_INTERVAL}.")
    if int(parts.get("COUNT", 1)) > LARGEST_COUNT:
        raise ValueError(f"COUNT is at most {LARGEST_COUNT}.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("COUNT and UNTIL exclude each other.")
    if re.search("[0-9]", parts.get("BYDAY", "")) and parts["FREQ"] not in ("MONTHLY", "YEARLY"):
        raise ValueError("Only monthly and yearly rules can have numbered weekdays.")
    if "BYMONTHDAY" in parts and parts["FREQ"] == "WEEKLY":
        raise ValueError("A weekly rule has no BYMONTHDAY.")
    if "BYSETPOS" in parts and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & parts.keys():
        raise ValueError("BYSETPOS needs another BY part to select from.")
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]


def _has_dates(parts: dict[str, str]) -> bool:
    """Return whether the rule has any date, wherever it starts, disregarding INTERVAL, COUNT and UNTIL."""
    kept = [f"{name}={value}" for name, value in parts.items() if name not in ("INTERVAL", "COUNT", "UNTIL")]
    return next(iter(_read(";".join(kept), _PROBE)), None) is not None


def _read(rule: str, start: date) -> rrule | rruleset:
    return rrulestr(rule, dtstart=_midnight(start))


def _later(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def _later_until(day: str, years: int) -> str:
    """Return UNTIL moved by whole cycles, or nothing if that is beyond the calendar and never ends the rule."""
    year = int(day[:4]) + years
    return f";UNTIL={year:04}{day[4:]}" if 0 < year <= _LAST_YEAR else ""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 (RFC 5545: rules about days are floating)
