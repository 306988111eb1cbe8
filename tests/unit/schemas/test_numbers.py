"""Numbers, days, moments: strict in type, bounded to what can be stored and sent."""

from __future__ import annotations

from datetime import UTC, date, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crmtenant.schemas.base import encode
from crmtenant.schemas.fields import Country, Currency, Custom, Day, Instant, Minutes, Position, RowId


def refused(kind, value):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value, strict=True)
    return caught.value.errors(include_input=False)[0]["type"]


@pytest.mark.parametrize("value", ["5", 1.0, True, None, [1], float("nan")])
def test_a_row_id_is_nothing_but_a_whole_number(value):
    assert refused(RowId, value) == "int_type"


@pytest.mark.parametrize("value", [0, -1, 2**63, 10**4000])
def test_a_row_id_is_one_that_the_database_can_have(value):
    assert refused(RowId, value) in ("greater_than_equal", "less_than_equal")
    assert TypeAdapter(RowId).validate_python(2**63 - 1) == 2**63 - 1


@pytest.mark.parametrize("value", [-1, 2**31, 1.5, "60", 1e308])
def test_minutes_are_bounded(value):
    refused(Minutes, value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e308, True, "1", 10**400])
def test_a_position_is_a_finite_number(value):
    refused(Position, value)
    assert TypeAdapter(Position).validate_python(1) == 1.0


@pytest.mark.parametrize(
    "value",
    [
        "0000-01-01", "2026-02-30", "2026-13-01", "2026-1-1", "10000-01-01", "1000000-01-01", "20261123",
        "2026-W48-1", "2026-11-23T00:00:00Z", " 2026-11-23", "2026-11-23\n", "٢٠٢٦-١١-٢٣", "", "today",
    ],
)  # fmt: skip
def test_a_day_must_be_in_the_calendar(value):
    assert refused(Day, value) == "invalid_date"


@pytest.mark.parametrize("value", [20261123, 1.5, True, date(2026, 11, 23), ["2026-11-23"]])
def test_a_day_is_a_string(value):
    assert refused(Day, value) == "invalid_type"


@given(st.dates())
def test_every_day_of_the_calendar_is_read_back(day):
    assert TypeAdapter(Day).validate_python(day.isoformat()) == day


@pytest.mark.parametrize(
    "value",
    [
        "0000-01-01T00:00:00Z", "9999-12-31T24:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T10:15:00",
        "2026-11-23T10:15:00+99:99", "2026-11-23T10:15:00+24:00", "2026-11-23T10:15:60Z", "2026-11-23T25:00:00Z",
        "2026-11-23", "2026-11-23T10:15Z", "2026-11-23T10:15:00+0200", "1000000-01-01T00:00:00Z", "", "now",
        "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2026-11-23T10:15:00,5Z",
    ],
)  # fmt: skip
def test_a_moment_must_exist_and_say_where(value):
    assert refused(Instant, value) == "invalid_time"


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-23T10:15:00Z", datetime(2026, 11, 23, 10, 15, tzinfo=UTC)),
        ("2026-11-23t10:15:00.5z", datetime(2026, 11, 23, 10, 15, 0, 500_000, tzinfo=UTC)),
        ("2026-11-23 10:15:00-05:00", datetime(2026, 11, 23, 15, 15, tzinfo=UTC)),
        ("2026-11-23T10:15:00.123456789+05:30", datetime(2026, 11, 23, 4, 45, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_into_utc(value, moment):
    read = TypeAdapter(Instant).validate_python(value)
    assert read == moment
    assert read.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_we_sent_is_read_back(moment):
    sent = orjson.loads(encode(moment))
    assert sent.endswith("Z")
    assert TypeAdapter(Instant).validate_python(sent) == moment


def test_countries_are_those_of_iso_3166():
    assert TypeAdapter(Country).validate_python("de") == "DE"
    for wrong in ("EU", "UK", "ZZ", "XX", "D", "DEU", "12", "ß"):
        assert refused(Country, wrong) == "invalid_country"


def test_currencies_are_those_in_use():
    assert TypeAdapter(Currency).validate_python("eur") == "EUR"
    for wrong in ("DEM", "XXX", "€", "EU"):
        assert refused(Currency, wrong) == "invalid_currency"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "out_of_range"),
        (float("-inf"), "out_of_range"),
        (1e308, "out_of_range"),
        (2**53, "out_of_range"),
        (10**400, "out_of_range"),
        ({"deeper": 1}, "invalid_type"),
        ([1], "invalid_type"),
        ([None], "invalid_type"),
        (["x"] * 51, "too_many"),
        ("x" * 2001, "too_long"),
        ("\0", "control_character"),
        (["\ud800"], "invalid_text"),
    ],
)
def test_a_custom_field_is_flat_and_bounded(value, code):
    assert refused(Custom, {"size": value}) == code


def test_custom_fields_keep_their_kinds():
    given_fields = {"a": "x", "b": 1, "c": 0.1 + 0.2, "d": True, "e": None, "f": ["x", "y"], "g": -0.0}
    kept = TypeAdapter(Custom).validate_python(given_fields)
    assert kept == given_fields
    assert kept["d"] is True
    assert str(kept["g"]) == "0.0"


@pytest.mark.parametrize("key", ["", "x" * 65, "a\nb", "\ud800"])
def test_a_custom_field_has_a_name_that_can_be_shown(key):
    assert refused(Custom, {key: 1}) in ("required", "too_long", "control_character", "invalid_text")


def test_custom_fields_are_bounded_together():
    assert refused(Custom, {f"field{i}": "x" * 2000 for i in range(11)}) == "too_large"
    assert refused(Custom, {f"field{i}": 1 for i in range(101)}) == "too_long"
