"""What the application answers."""

from __future__ import annotations

import sys

import click
import orjson
from rich.console import Console
from rich.table import Table

from crmtenant.api.surface import Operation, operations
from crmtenant.cli.root import Context, pass_installation

COLUMNS = ("path", "method", "name", "permission", "context", "source")


@click.command(
    epilog="""\b
    Examples:
      crmtenant views
      crmtenant views | grep public
      crmtenant views --json
    """
)
@click.option("--json", "as_json", is_flag=True, help="As a JSON array of objects.")
@click.option("--plain", is_flag=True, help="As lines without source, each for itself, to be compared.")
@pass_installation
def views(installation: Context, as_json: bool, plain: bool) -> None:
    """List every view: address, method, name, permission, context and where it is written.

    Needs no database. A permission of `nobody` is a view that forgot to say who may; `public` needs none.
    """
    found = operations(installation.registry())
    if as_json:
        rows = [dict(zip(COLUMNS, _row(operation), strict=True)) for operation in found]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif plain:
        click.echo(plain_table(found), nl=False)
    elif sys.stdout.isatty():
        _print_table(found)
    else:
        click.echo(_aligned([_row(operation) for operation in found]), nl=False)


def plain_table(found: list[Operation]) -> str:
    """Address, method, name, permission and context of each, a line each; no line depends on another."""
    return "".join(f"{' '.join(_row(operation)[:5])}\n" for operation in found)


def _row(operation: Operation) -> tuple[str, ...]:
    return (
        operation.path,
        operation.method,
        operation.name or "-",
        operation.permission,
        operation.place.kind.__name__,
        operation.source,
    )


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _print_table(found: list[Operation]) -> None:
    table = Table(*COLUMNS, box=None, header_style="bold", pad_edge=False)
    for operation in found:
        table.add_row(*_row(operation))
    Console().print(table)
