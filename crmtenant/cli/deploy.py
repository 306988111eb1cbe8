"""The files of a production installation."""

from __future__ import annotations

from pathlib import Path

import click

from crmtenant.cli.arguments import DIRECTORY, HOST, HOST_AND_PORT
from crmtenant.cli.tables import print_json
from crmtenant.services.deployment import write_deployment


@click.command(
    epilog="""\b
    Examples:
      crmtenant deploy --to /etc/crmtenant --host crm.example.com
      crmtenant deploy --to ./deployment --postgres db1.internal:5432
    """
)
@click.option(
    "--to",
    "directory",
    type=DIRECTORY,
    required=True,
    help="The directory to write to; it is made if it is missing.",
)
@click.option(
    "--host", type=HOST, default="crm.example.com", show_default=True, help="The host name people will use."
)
@click.option(
    "--postgres",
    type=HOST_AND_PORT,
    default="127.0.0.1:5432",
    show_default=True,
    metavar="HOST:PORT",
    help="Where PostgreSQL listens.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects.")
def deploy(directory: Path, host: str, postgres: str, as_json: bool) -> None:
    """Write settings, environment, systemd units and nginx's configuration for production.

    Secrets are made for this installation. Files that are there already are kept as they are. Needs no database;
    docs/operating.md says what to do with the files.
    """
    written = write_deployment(directory, host=host, postgres=postgres)
    if as_json:
        rows = [{"path": str(one.path), "is_new": one.is_new} for one in written]
        print_json(rows)
        return
    for one in written:
        click.echo(f"{one.path}{'' if one.is_new else '  (kept)'}")
