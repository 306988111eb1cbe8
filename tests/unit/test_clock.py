"""What day it is where a company is; and that nothing else asks for today's date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import crmtenant
from crmtenant.clock import LocalClock, beginning_of, day_at, days_later, zone_named
from tests.clock import ZONES

SOURCES = Path(crmtenant.__file__).parent
#: Ways to today's date that know no company: of Python, of SQLAlchemy and of PostgreSQL.
_FORBIDDEN = re.compile(
    r"date\.today\(|datetime\.(now|today|utcnow)\(|utcnow\(|now\(\)\.date\(|now\(\)\s*::\s*date"
    r"|current_date|localtimestamp|func\.(now|current_timestamp)\(\)\.cast\(Date|cast\(func\.now\(\), Date"
    r"|time\.(localtime|gmtime|strftime)\(",
    re.IGNORECASE,
)


def test_one_function_knows_today():
    guilty = [
        f"{path.relative_to(SOURCES)}: {found[0]}"
        for path in SOURCES.rglob("*.py")
        if path != SOURCES / "clock.py"
        for found in _FORBIDDEN.finditer(path.read_text(encoding="utf-8"))
    ]
    assert guilty == [], "Ask LocalClock.today, or bind TODAY in a statement."


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("hour", "minute"), [(23, 30), (0, 30)])
def test_today_is_the_date_where_the_company_is(zone, hour, minute):
    here = zone_named(zone)
    for day in (
        date(2026, 11, 26),
        date(2026, 3, 29),
        date(2026, 7, 1),
        date(2024, 2, 29),
        date(2026, 12, 31),
    ):
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=here).astimezone(UTC)
        assert LocalClock(here, lambda moment=moment: moment).today() == day
        assert day_at(moment, here) == day
        assert day_at(beginning_of(day, here), here) == day


@pytest.mark.parametrize(
    ("zone", "moment", "days", "later"),
    [
        ("Europe/Berlin", "2027-03-26T08:00:00Z", 7, "2027-04-02T07:00:00Z"),
        ("Europe/Berlin", "2027-10-28T22:30:00Z", 7, "2027-11-04T23:30:00Z"),
        ("America/Los_Angeles", "2027-03-12T17:00:00Z", 7, "2027-03-19T16:00:00Z"),
        ("Australia/Lord_Howe", "2027-04-02T22:00:00Z", 7, "2027-04-09T22:30:00Z"),
        ("Pacific/Honolulu", "2027-03-12T19:00:00Z", 7, "2027-03-19T19:00:00Z"),
        ("Pacific/Kiritimati", "2027-03-12T10:30:00Z", -1, "2027-03-11T10:30:00Z"),
        # 2:30 is skipped on 28 March 2027, and there twice on 31 October.
        ("Europe/Berlin", "2027-03-27T01:30:00Z", 1, "2027-03-28T01:30:00Z"),
        ("Europe/Berlin", "2027-10-30T00:30:00Z", 1, "2027-10-31T00:30:00Z"),
    ],
)
def test_nine_stays_nine_over_summer_time(zone, moment, days, later):
    moved = days_later(datetime.fromisoformat(moment), days, zone_named(zone))
    assert moved == datetime.fromisoformat(later)


@pytest.mark.parametrize("zone", ZONES)
def test_the_ends_of_the_calendar_are_no_error(zone):
    here = zone_named(zone)
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert abs((day_at(first, here) - date(1, 1, 1)).days) <= 1
    assert abs((day_at(last, here) - date(9999, 12, 31)).days) <= 1
    assert days_later(last, 2, here) is None
    assert days_later(first, -2, here) is None
    assert beginning_of(date(1, 1, 1), here).tzinfo is UTC
    assert beginning_of(date(9999, 12, 31), here).tzinfo is UTC


def test_without_a_zone_it_is_utc():
    assert zone_named(None) is UTC
    assert zone_named("Sea/Atlantis") is UTC
