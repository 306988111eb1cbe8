"""Rules that repeat: read, bounded, and their next days."""

from __future__ import annotations

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtenant.text.occurrences import NAMED, following, next_day, spent
from crmtenant.text.recurrence import normal_form

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("rrule:freq=weekly;byday=MO,we;interval=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"),
        ("FREQ=DAILY;INTERVAL=1;", "FREQ=DAILY"),
        ("FREQ=DAILY;UNTIL=20261130T120000Z", "FREQ=DAILY;UNTIL=20261130"),
        ("FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=00010101"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("COUNT=5;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;COUNT=5;BYMONTH=2;BYMONTHDAY=29"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    ],
)
def test_a_rule_has_one_normal_form(text, rule):
    assert normal_form(text) == rule
    assert normal_form(rule) == rule


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "FREQ", "FREQ=", "FREQ=SECONDLY", "FREQ=HOURLY", "FREQ=MINUTELY;BYSECOND=0", "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=1001", "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=10001", "FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;BYSECOND=1", "FREQ=DAILY;BYHOUR=1", "FREQ=DAILY;BYEASTER=0", "FREQ=DAILY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;DTSTART=20260101", "FREQ=DAILY\nRRULE:FREQ=DAILY", "FREQ=DAILY;COUNT=٣", "FREQ=DAILY;" * 50,
    ],
)  # fmt: skip
def test_what_is_no_rule_for_days_is_refused(text):
    with pytest.raises(ValueError, match=r"\.$"):
        normal_form(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=50",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
        "FREQ=DAILY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
    ],
)
def test_a_rule_that_never_comes_true_is_refused_soon(text):
    before = time.thread_time()
    with pytest.raises(ValueError, match="never"):
        normal_form(text)
    assert time.thread_time() - before < 0.5


@pytest.mark.parametrize(
    ("rule", "day", "following"),
    [
        ("FREQ=DAILY", MONDAY, date(2026, 11, 24)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", MONDAY, date(2026, 11, 25)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", date(2026, 11, 25), date(2026, 12, 7)),
        ("FREQ=YEARLY", date(2028, 2, 29), date(2029, 2, 28)),
        ("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 2, 28)),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 1, 31), date(2026, 2, 28)),
        ("FREQ=DAILY;UNTIL=20261124", MONDAY, date(2026, 11, 24)),
        ("FREQ=DAILY;UNTIL=20261124", date(2026, 11, 24), None),
        ("FREQ=DAILY;UNTIL=00010101", MONDAY, None),
        ("FREQ=DAILY;UNTIL=99991231", MONDAY, date(2026, 11, 24)),
        ("FREQ=DAILY;COUNT=2", MONDAY, date(2026, 11, 24)),
        ("FREQ=DAILY;COUNT=1", MONDAY, None),
        ("FREQ=DAILY", date(9999, 12, 31), None),
        ("FREQ=DAILY", date(1, 1, 1), date(1, 1, 2)),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", MONDAY, None),
    ],
)
def test_the_next_day_of_a_rule(rule, day, following):
    assert next_day(rule, day) == following


@settings(deadline=None)
@given(
    # Later days are in February where RFC 5545 has none.
    st.dates(date(1990, 1, 1), date(2090, 1, 1)).filter(lambda day: day.day <= 28),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    # Intervals that meet every weekday and one of the months, or dateutil searches until the year 9999.
    st.sampled_from([1, 2, 5]),
    st.sampled_from(["", ";BYDAY=MO,TH", ";BYMONTH=2,7"]),
)
def test_the_next_day_is_the_one_dateutil_finds_without_our_shift(day, frequency, interval, rest):
    rule = normal_form(f"FREQ={frequency};INTERVAL={interval}{rest}")
    start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (days have no zone)
    found = rrulestr(rule, dtstart=start).after(start)
    assert next_day(rule, day) == (
        found.date() if found else None
    )  # 31 December, every other month, in February


def test_a_count_is_spent_one_by_one():
    assert spent("FREQ=DAILY;COUNT=3") == "FREQ=DAILY;COUNT=2"
    assert spent("FREQ=DAILY;COUNT=1;BYDAY=MO") == "FREQ=DAILY;COUNT=1;BYDAY=MO"
    assert spent("FREQ=DAILY;UNTIL=20270101") == "FREQ=DAILY;UNTIL=20270101"
    assert normal_form(spent("FREQ=WEEKLY;COUNT=10")) == "FREQ=WEEKLY;COUNT=9"


@pytest.mark.parametrize(
    ("text", "zone", "until"),
    [
        ("20270104T045959Z", "America/New_York", "20270103"),
        ("20270104T050000Z", "America/New_York", "20270104"),
        ("20270103T100000Z", "Pacific/Kiritimati", "20270104"),
        ("20270104T235959", "America/New_York", "20270104"),
        ("20270104", "Pacific/Kiritimati", "20270104"),
        ("00010101T000000Z", "Pacific/Honolulu", "00010101"),
        ("99991231T235959Z", "Pacific/Kiritimati", "99991231"),
    ],
)
def test_until_is_a_day_of_the_company(text, zone, until):
    assert normal_form(f"FREQ=DAILY;UNTIL={text}", ZoneInfo(zone)) == f"FREQ=DAILY;UNTIL={until}"


@pytest.mark.parametrize(
    ("rule", "day", "days"),
    [
        ("FREQ=MONTHLY", date(2027, 1, 31), ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("FREQ=MONTHLY", date(2027, 1, 30), ["2027-02-28", "2027-03-30", "2027-04-30"]),
        ("FREQ=MONTHLY", date(2028, 1, 29), ["2028-02-29", "2028-03-29"]),
        ("FREQ=MONTHLY;INTERVAL=6", date(2027, 8, 31), ["2028-02-29", "2028-08-31"]),
        ("FREQ=YEARLY", date(2028, 2, 29), ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("FREQ=YEARLY;BYMONTH=4,10", date(2027, 1, 31), ["2027-04-30", "2027-10-31", "2028-04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15,31", date(2027, 1, 31), ["2027-02-15", "2027-02-28", "2027-03-15"]),
        ("FREQ=DAILY;BYMONTHDAY=31", date(2027, 1, 31), ["2027-02-28", "2027-03-31", "2027-04-30"]),
        ("FREQ=MONTHLY;COUNT=3", date(2027, 1, 31), ["2027-02-28", "2027-03-31", "None"]),
        ("FREQ=MONTHLY;UNTIL=20270331", date(2027, 1, 31), ["2027-02-28", "2027-03-31", "None"]),
    ],
)
def test_a_shorter_month_has_its_last_day_instead(rule, day, days):
    found = []
    for _ in days:
        comes = following(rule, day, day)
        found.append(str(comes.day))
        day, rule = comes.day, comes.rule
    assert found == days


TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("rule", "day", "next_one", "remains", "count"),
    [
        ("FREQ=DAILY", date(2026, 11, 1), TODAY, "FREQ=DAILY", 24),
        ("FREQ=DAILY", date(2026, 11, 25), TODAY, "FREQ=DAILY", 0),
        ("FREQ=DAILY", TODAY, date(2026, 11, 27), "FREQ=DAILY", 0),
        ("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 9), date(2026, 11, 30), "FREQ=WEEKLY;BYDAY=MO", 2),
        ("FREQ=WEEKLY;INTERVAL=2", date(2026, 10, 29), TODAY, "FREQ=WEEKLY;INTERVAL=2", 1),
        ("FREQ=MONTHLY", date(2026, 8, 31), date(2026, 11, 30), "FREQ=MONTHLY;BYMONTHDAY=31", 2),
        ("FREQ=DAILY;COUNT=30", date(2026, 11, 1), TODAY, "FREQ=DAILY;COUNT=5", 24),
        ("FREQ=DAILY;COUNT=10", date(2026, 11, 1), None, None, 9),
        ("FREQ=DAILY;UNTIL=20261110", date(2026, 11, 1), None, None, 9),
        ("FREQ=DAILY", date(2027, 3, 1), date(2027, 3, 2), "FREQ=DAILY", 0),
    ],
)
def test_the_next_date_is_not_past_and_what_was_missed_is_named(rule, day, next_one, remains, count):
    found = following(rule, day, TODAY)
    assert (found.day, found.rule, found.missed_count, len(found.missed)) == (
        next_one,
        remains,
        count,
        count,
    )
    assert all(day < missed < TODAY for missed in found.missed)


@pytest.mark.parametrize(
    ("rule", "day", "next_one"),
    [
        ("FREQ=DAILY;INTERVAL=3", date(1, 1, 1), date(2026, 11, 28)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", date(1900, 1, 1), date(2026, 11, 30)),
        ("FREQ=MONTHLY;INTERVAL=5", date(1500, 1, 31), date(2027, 2, 28)),
        ("FREQ=YEARLY;INTERVAL=4", date(1600, 2, 29), date(2028, 2, 29)),
        ("FREQ=DAILY;COUNT=10000", date(2000, 1, 1), TODAY),
    ],
)
def test_what_was_missed_for_centuries_is_found_soon_and_in_step(rule, day, next_one):
    before = time.thread_time()
    found = following(rule, day, TODAY)
    assert time.thread_time() - before < 1
    assert found.day == next_one
    assert len(found.missed) <= NAMED
    assert found.missed_count >= len(found.missed)
