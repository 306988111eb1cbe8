"""Rules that repeat: read, bounded, and their next days."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtenant.text.recurrence import next_day, normal_form, spent

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
        ("FREQ=YEARLY", date(2028, 2, 29), date(2032, 2, 29)),
        ("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 3, 31)),
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
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
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
