"""The dates of recurrence rules.

A month without the day of a rule has its last one instead, the 31st becoming 30 April and 29 February the 28th:
what RFC 7529 calls SKIP=BACKWARD, where RFC 5545 skips the month.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.rrule import rruleset, rrulestr

#: The missed dates that are named, the latest of them; the others are counted.
NAMED = 100
# dateutil searches for dates up to the year 9999, which takes three seconds for a rule without any. The
# calendar repeats every 400 years, so we search in the last years it knows, where it soon gives up.
_CYCLE = 400
_LATE_YEAR = 9900
#: Whoever is later than this did not miss each of the dates: we go ahead to about the last hundreds of them.
_LONG_AGO = timedelta(days=4000)
_STEPS_BACK = 400
_MONTHS = 12
_FEBRUARY = 2
#: Every month has it.
_SAFE_DAY = 28

_COUNT = re.compile(";COUNT=([0-9]+)")

Parts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Following:
    """What comes after a date of a rule.

    `day` is the next date that is not past and `rule` what remains from there, both None where the rule has ended.
    `missed` are the dates in between, the latest `NAMED` of them.
    """

    day: date | None
    rule: str | None
    missed: tuple[date, ...]
    missed_count: int


def following(rule: str, day: date, today: date) -> Following:
    """Return what comes after `day` by a rule in normal form that starts there; dates before `today` are missed.

    Those count too: of COUNT they are taken off.
    """
    parts = _pinned(_parts_of(rule), day)
    most, until = int(parts.get("COUNT", 0)), parts.get("UNTIL", "")
    missed, count = deque[date](maxlen=NAMED), 0
    for found in _dates(parts, day, today):
        if count + 1 == most or (until and found.isoformat().replace("-", "") > until):
            break
        if found >= today:
            return Following(found, spent(_text_of(parts), count + 1), tuple(missed), count)
        missed.append(found)
        count += 1
    return Following(None, None, tuple(missed), count)


def next_day(rule: str, day: date) -> date | None:
    """Return the next date of a rule in normal form that starts on `day`.

    None when it has ended, or has no date in the next hundred years.
    """
    return following(rule, day, day).day


def spent(rule: str, occurrences: int = 1) -> str:
    """Return the rule for what remains after so many occurrences: COUNT, if there is one, is as many less."""
    return _COUNT.sub(lambda found: f";COUNT={max(1, int(found[1]) - occurrences)}", rule)


def _parts_of(rule: str) -> Parts:
    return dict(part.split("=", 1) for part in rule.split(";"))


def _text_of(parts: Parts) -> str:
    order = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
    return ";".join(f"{name}={parts[name]}" for name in order if name in parts)


def _pinned(parts: Parts, day: date) -> Parts:
    """Return the parts, the day of the month among them where only the date says it and some month is without it.

    Otherwise the task of 28 February would not know that the next one is on 31 March.
    """
    is_implied = not {"BYMONTHDAY", "BYDAY"} & parts.keys() and parts["FREQ"] in ("MONTHLY", "YEARLY")
    if not is_implied or day.day <= _SAFE_DAY:
        return parts
    if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts:
        if day.month != _FEBRUARY:  # every year has it
            return parts
        parts = {**parts, "BYMONTH": str(day.month)}
    return {**parts, "BYMONTHDAY": str(day.day)}


def _dates(parts: Parts, day: date, today: date) -> Iterator[date]:
    """Yield the dates after `day`, in order, whatever COUNT and UNTIL say."""
    if "COUNT" not in parts and today - day > _LONG_AGO:
        day = _ahead(parts, day, today)
    years = _CYCLE * max(0, (_LATE_YEAR - max(day.year, today.year)) // _CYCLE)
    start = _midnight(day.replace(year=day.year + years))
    for found in _rules(parts, start).xafter(start):
        yield found.date().replace(year=found.year - years)


def _ahead(parts: Parts, day: date, today: date) -> date:
    """Return a later date with the same place in the rule's intervals, some hundred of them before today."""
    interval = int(parts.get("INTERVAL", 1))
    if parts["FREQ"] in ("DAILY", "WEEKLY"):
        step = interval * (7 if parts["FREQ"] == "WEEKLY" else 1)
        return day + timedelta(days=step * max(0, (today - day).days // step - _STEPS_BACK))
    months = interval * (_MONTHS if parts["FREQ"] == "YEARLY" else 1)
    passed = (today.year - day.year) * _MONTHS + today.month - day.month
    month = day.month - 1 + months * max(0, passed // months - _STEPS_BACK)
    return date(day.year + month // _MONTHS, month % _MONTHS + 1, min(day.day, _SAFE_DAY))


def _rules(parts: Parts, start: datetime) -> rruleset:
    """Return the dates of the rule; those of February apart, where some of its days are too late for that month."""
    kept = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    rules = rruleset()
    for alternative in _alternatives(kept):
        rules.rrule(rrulestr(_text_of(alternative), dtstart=start))  # type: ignore[arg-type]
    return rules


def _alternatives(parts: Parts) -> Iterator[Parts]:
    days = [int(day) for day in parts.get("BYMONTHDAY", "").split(",") if day]
    if not any(day > _SAFE_DAY for day in days) or {"BYDAY", "BYSETPOS"} & parts.keys():
        yield parts
        return
    months = [int(month) for month in parts.get("BYMONTH", "1,2,3,4,5,6,7,8,9,10,11,12").split(",")]
    for those, longest in (([m for m in months if m != _FEBRUARY], 30), ([_FEBRUARY], _SAFE_DAY)):
        if set(those) <= set(months) and those:
            fitting = dict.fromkeys("-1" if day > longest else str(day) for day in days)
            yield {**parts, "BYMONTH": ",".join(map(str, those)), "BYMONTHDAY": ",".join(fitting)}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 (RFC 5545: rules about days are floating)
