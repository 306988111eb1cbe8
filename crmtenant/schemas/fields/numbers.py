"""Numbers, dates and times, strict about JSON types: "5" is not a number, true is not 1."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

LARGEST_ROW_ID = 2**63 - 1
LARGEST_INTEGER = 2**31 - 1

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)

RowId = Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
Minutes = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
Position = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "A date must be a string such as 2026-11-23.")
    if _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("invalid_date", "A date must be a calendar date in the form 2026-11-23.")


Day = Annotated[date, BeforeValidator(_day)]


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "A time must be a string such as 2026-11-23T10:15:00Z.")
    found = _INSTANT.fullmatch(value)
    if found:
        day, time, fraction, offset = found.groups()
        try:
            # Digits beyond microseconds are cut, since PostgreSQL does not keep them.
            exact = f"{day}T{time}.{(fraction or '0')[:6]:0<6}{offset.upper()}"
            return datetime.fromisoformat(exact).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError(
        "invalid_time", "A time must include its offset from UTC, as in 2026-11-23T10:15:00Z (RFC 3339)."
    )


Instant = Annotated[datetime, BeforeValidator(_instant)]
"""An aware datetime in UTC, in the years 1 to 9999, to the microsecond."""


def day_written_in(value: Any) -> date | None:
    """Return the date in the text of a date or time, before any change of time zone, or None."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) and _DAY.match(value) else None
    except ValueError:
        return None


def not_before(end: date | None, start: date | None) -> date | None:
    """Return the end; refuse one that is before the start."""
    if end is not None and start is not None and end < start:
        raise PydanticCustomError("ends_before_start", "This must not be before the start.")
    return end
