"""The one clock: what time it is, and what day it is where a company is.

Days are a company's: they begin at its midnight. Nothing else in this program asks for today's date
(tests/unit/test_clock.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LocalClock:
    """A clock in a time zone."""

    zone: tzinfo = UTC
    read: Callable[[], datetime] = now

    def today(self) -> date:
        """Return today's date in the zone."""
        return day_at(self.read(), self.zone)


def zone_named(name: str | None) -> tzinfo:
    """Return the time zone of this name (IANA); UTC without a name, or for a zone that no longer exists."""
    try:
        return ZoneInfo(name) if name else UTC
    except ZoneInfoNotFoundError:
        return UTC


def day_at(moment: datetime, zone: tzinfo) -> date:
    """Return the date in the zone at that moment; at the ends of the calendar the date in UTC."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def days_later(moment: datetime, days: int, zone: tzinfo) -> datetime | None:
    """Return the same time of day in the zone so many days later, in UTC; None beyond the calendar.

    Where the clock skips that time, it is the time after the gap.
    """
    try:
        local = moment.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


def beginning_of(day: date, zone: tzinfo) -> datetime:
    """Return the moment the day begins in the zone, in UTC; at the ends of the calendar as UTC has it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    try:
        return midnight.astimezone(UTC)
    except OverflowError:
        return midnight.replace(tzinfo=UTC)
