"""The OpenAPI document."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from crmtenant.api.docs.document import document
from crmtenant.api.docs.surface import operations
from crmtenant.cli.arguments import FILE
from crmtenant.cli.root import Context, pass_installation


@click.command(
    epilog="""\b
    Examples:
      crmtenant openapi > openapi.json
      crmtenant openapi --output openapi.json
    """
)
@click.option("--output", "-o", type=FILE, help="The file to write.")
@click.option("--json", "as_json", is_flag=True, help="The output is always JSON.", hidden=True)
@pass_installation
def openapi(installation: Context, output: Path | None, as_json: bool) -> None:  # noqa: ARG001 (every command takes --json)
    """Print the OpenAPI 3.1 document that GET /api/openapi.json returns. Needs no database."""
    content = orjson.dumps(
        document(operations(installation.registry())), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)
