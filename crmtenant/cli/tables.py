"""Answers of commands: for people a table on a terminal, aligned columns in a pipe, and formatted values; for programs JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crmtenant.sizes import size_text as size

__all__ = ["moment", "print_answer", "print_json", "print_table", "size"]


def print_json(answer: Any) -> None:
    """Print the answer to standard output, for programs."""
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))


def print_answer(answer: Any, text: str, *, as_json: bool) -> None:
    """Print the answer for programs, or else the text for people."""
    if as_json:
        print_json(answer)
    else:
        click.echo(text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, has_header: bool = True) -> None:
    """Print the rows to standard output. On a terminal the header is always shown."""
    if not sys.stdout.isatty():
        click.echo(_aligned([tuple(columns), *rows] if has_header else list(rows)), nl=False)
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))  # verbatim: a company may be called [red]
    Console().print(table)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def moment(value: datetime | None) -> str:
    """Format the moment to the minute, UTC; `-` for none."""
    return f"{value:%Y-%m-%d %H:%M}" if value else "-"
