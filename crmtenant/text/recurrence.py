"""Recurrence rules of RFC 5545, as far as tasks need them: read, checked, and written in one form.

Dates only: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, numbers are bounded, and a rule that never matches a
date is refused, because the search for the next one would never end. Their dates are in occurrences.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from dateutil.rrule import rrulestr

from crmtenant.clock import day_at

LONGEST_RULE = 200
LARGEST_INTERVAL = 1000
LARGEST_COUNT = 10_000
# The last 40 years have every day of the calendar on every weekday, 29 February too.
_PROBE = datetime(9960, 1, 1)  # noqa: DTZ001 (RFC 5545: rules about days are floating)

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


def normal_form(text: str, zone: tzinfo = UTC) -> str:
    """Return the rule in capitals, its parts in one order, without "RRULE:". UNTIL in UTC becomes its day in the zone.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    if len(text) > LONGEST_RULE:
        raise ValueError(f"A recurrence rule has at most {LONGEST_RULE} characters.")
    parts = _parts(text.strip().upper().removeprefix("RRULE:"), zone)
    _check_bounds(parts)
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    if not _has_dates(parts):
        raise ValueError("This rule never matches a date.")
    return rule


def _parts(text: str, zone: tzinfo) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if name not in _PARTS or not equals:
            raise ValueError(f"A rule consists of {', '.join(_PARTS)}, each with a value.")
        if name in parts:
            raise ValueError(f"{name} is given twice.")
        if not _PARTS[name].fullmatch(value):
            raise ValueError(f"{name} has an invalid value.")
        parts[name] = _until_day(value, zone) if name == "UNTIL" else value
    return parts


def _until_day(value: str, zone: tzinfo) -> str:
    """Return the date of UNTIL without its time: our rules have dates only. A time without Z is the local one."""
    try:
        # Both forms are of ISO 8601, the basic one.
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("UNTIL is not a calendar date.") from None
    day = day_at(moment, zone) if moment.tzinfo else moment.date()
    return day.isoformat().replace("-", "")


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
    return next(iter(rrulestr(";".join(kept), dtstart=_PROBE)), None) is not None
