"""When something that repeats is due next."""

from __future__ import annotations

from datetime import date, datetime, time

from dateutil.rrule import rrulestr


def next_day(rule: str, day: date) -> date | None:
    """The first day after `day` on which the rule (RFC 5545 RRULE, from `day` on) falls; None when it ends.

    A rule with COUNT is spent one by one: `spent` makes the rule for what remains.
    """
    occurrences = rrulestr(rule, dtstart=datetime.combine(day, time.min))
    following = occurrences.after(datetime.combine(day, time.max))
    return following.date() if following else None


def spent(rule: str) -> str:
    """The rule after one more occurrence has passed: COUNT, where there is one, is one less."""
    parts = [part.split("=", 1) for part in rule.split(";")]
    return ";".join(
        f"{name}={int(value) - 1}" if name.upper() == "COUNT" else f"{name}={value}" for name, value in parts
    )
