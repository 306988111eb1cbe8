"""What the application answers."""

from __future__ import annotations

import click
import orjson

from crmtenant.api.docs.surface import Operation, operations
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import print_table

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
    else:
        print_table(COLUMNS, [_row(operation) for operation in found], has_header=False)


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
