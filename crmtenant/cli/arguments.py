"""Arguments of commands: the limits of what the API takes as well, and no control characters anywhere."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from crmtenant.clock import now
from crmtenant.errors import Invalid, OperatorError
from crmtenant.schemas.fields import Line
from crmtenant.services.identity.users import read_email
from crmtenant.sizes import read_size
from crmtenant.text.emails import Email
from crmtenant.text.slugs import is_slug

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_SHOWN = 60
_LONGEST_PATH = 4095


def _shown(value: str) -> str:
    """Return the value as an error may show it: short, and without what a terminal would obey."""
    return ascii(value[:_SHOWN])


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


class _Matching(click.ParamType[str]):
    """Text of one form."""

    def __init__(self, name: str, pattern: str, expected: str) -> None:
        self.name = name
        self._pattern = re.compile(pattern)
        self._expected = expected

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> str:
        """Return the text unchanged."""
        if self._pattern.fullmatch(value) is None:
            self.fail(f"{_shown(value)} is not {self._expected}", param, context)
        return value


class _Slug(click.ParamType[str]):
    """A slug that a company can have."""

    name = "slug"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> str:
        """Return the slug unchanged."""
        if not is_slug(value):
            self.fail(
                f"{_shown(value)} is no slug: lower-case letters, digits and single hyphens, at most 60",
                param,
                context,
            )
        return value


class _Address(click.ParamType[Email]):
    """An e-mail address that somebody can sign in with."""

    name = "email"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Email:
        """Return the normalized address."""
        try:
            return read_email(value)
        except Invalid as problem:
            self.fail(problem.field_errors[0].detail, param, context)


class _File(click.Path):
    """A path without control characters, which the journal can hold."""

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the path."""
        text = str(value)
        is_odd = any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)
        if is_odd or not text.strip() or len(text) > _LONGEST_PATH:
            self.fail(f"{_shown(text)} cannot be the name of a file", param, context)
        return super().convert(value, param, context)


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
        match = re.fullmatch(r"([1-9]\d{0,3})([hdw])", value, re.ASCII)
        if match is None:
            self.fail("expected a number and h, d or w, such as 14d", param, context)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


class _Since(click.ParamType[datetime]):
    """A moment in the past."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        """Return the beginning of the day `2026-11-01` (UTC), or the moment `12h`, `30d` ago."""
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            try:
                return datetime.fromisoformat(value).replace(tzinfo=UTC)
            except ValueError:
                self.fail("there is no such day", param, context)
        return now() - DURATION.convert(value, param, context)


class _Seconds(click.FloatRange):
    """Seconds within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the number; `nan` lies within no bounds."""
        seconds = super().convert(value, param, context)
        if math.isnan(seconds):
            self.fail("expected a number of seconds", param, context)
        return seconds


class _Quota(click.ParamType[Any]):
    """A number or size, `none`, or `default`."""

    def __init__(self, kind: click.ParamType[int], name: str) -> None:
        self._kind = kind
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the number, or the word."""
        return value if value in {NONE, DEFAULT} else self._kind.convert(value, param, context)


NONE, DEFAULT = "none", "default"

LINE = _Line()
COMPANY = _Matching("company", r"[a-z0-9_-]{1,60}", "a company's slug or id")
SERVER = _Matching(
    "server", r"[a-z][a-z0-9-]{0,40}", "a server's name: lower-case letters, digits and hyphens"
)
SLUG = _Slug()
EMAIL = _Address()
CODE = _Matching("code", r"[A-Za-z0-9_-]{1,100}", "a code")
URL = _Matching("url", r"[!-~]{1,2000}", "a URL")
HOST = _Matching("host", r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", "the name of a host")
HOST_AND_PORT = _Matching(
    "address",
    r"([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}",
    "an address such as db1:5432",
)
ANY_FILE = _File()
FILE = _File(dir_okay=False, path_type=Path)
DIRECTORY = _File(file_okay=False, path_type=Path)
DURATION = _Duration()
SINCE = _Since()
SECONDS = _Seconds(0.5, 3600)
SIZE = _Size()
BYTES = _Quota(SIZE, "size")
ROWS = _Quota(click.IntRange(0, 10**12), "rows")
SEATS = _Quota(click.IntRange(1, 1_000_000), "seats")

password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


def read_password(question: str, *, is_piped: bool) -> str:
    """Return the password that is typed twice, or the first line of standard input. Raises: `OperatorError`."""
    try:
        if is_piped:
            return sys.stdin.readline().rstrip("\r\n")
        return str(click.prompt(question, hide_input=True, confirmation_prompt=True, err=True))
    except UnicodeDecodeError:
        raise OperatorError("The password is not UTF-8.") from None
