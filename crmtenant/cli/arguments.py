"""Arguments of commands that the API takes as well, read by the same rules."""

from __future__ import annotations

from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from crmtenant.schemas.fields import Line
from crmtenant.sizes import read_size


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


LINE = _Line()
SIZE = _Size()
