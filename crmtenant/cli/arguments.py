"""Arguments of commands that the API takes as well, read by the same rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from crmtenant.clock import now
from crmtenant.schemas.fields import Line
from crmtenant.sizes import read_size

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class _Line(click.ParamType[str]):
    """One line of text, as long as a name may be, trimmed."""

    name = "text"
    _adapter: TypeAdapter[Any] = TypeAdapter(Line)

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> str:
        """Return the text as it is stored."""
        try:
            return str(self._adapter.validate_python(value))
        except ValidationError as problem:
            self.fail(problem.errors()[0]["msg"], param, context)


class _Size(click.ParamType[int]):
    """A size in bytes."""

    name = "size"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> int:
        """Return the bytes that `200GB` stands for."""
        try:
            return read_size(value)
        except ValueError:
            self.fail("expected a size such as 200GB", param, context)


class _Duration(click.ParamType[timedelta]):
    """A length of time."""

    name = "duration"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> timedelta:
        """Return the duration that `14d`, `12h` or `2w` stands for."""
        match = re.fullmatch(r"([1-9]\d{0,3})([hdw])", value)
        if match is None:
            self.fail("expected a number and h, d or w, such as 14d", param, context)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


class _Since(click.ParamType[datetime]):
    """A moment in the past."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        """Return the beginning of the day `2026-11-01` (UTC), or the moment `12h`, `30d` ago."""
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            try:
                return datetime.fromisoformat(value).replace(tzinfo=UTC)
            except ValueError:
                self.fail("there is no such day", param, context)
        return now() - DURATION.convert(value, param, context)


LINE = _Line()
DURATION = _Duration()
SINCE = _Since()
SIZE = _Size()
