"""The views of the application."""

from __future__ import annotations

import click

from crmtenant.api.docs.surface import Operation, operations
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import print_json, print_table

COLUMNS = ("path", "method", "name", "permission", "context", "source")


@click.command(
    epilog="""\b
    Examples:
      crmtenant views
      crmtenant views | grep public
      crmtenant views --json
    """
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects.")
@click.option("--plain", is_flag=True, help="Print lines without source and alignment, for comparison.")
@pass_installation
def views(installation: Context, as_json: bool, plain: bool) -> None:
    """List every view: path, method, name, permission, context and source.

    Needs no database. The permission `nobody` marks a view without a declared permission; `public` needs none.
    """
    found = operations(installation.registry())
    if as_json:
        rows = [dict(zip(COLUMNS, _row(operation), strict=True)) for operation in found]
        print_json(rows)
    elif plain:
        click.echo(plain_table(found), nl=False)
    else:
        print_table(COLUMNS, [_row(operation) for operation in found], has_header=False)


def plain_table(found: list[Operation]) -> str:
    """Return path, method, name, permission and context of each view, a line each; no line depends on another."""
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
