"""The fleet in the terminal, live; and the accounts of the fleet's page."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import click
import orjson
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crmtenant.cli.arguments import LINE
from crmtenant.cli.company import as_json_option
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import moment, print_table, size
from crmtenant.services.fleet.survey import Fleet, FleetCompany, FleetServer, FleetWork, survey

SERVERS = ("server", "state", "used", "of", "companies", "spares")
WORK = ("company", "work", "step", "progress", "since")
COMPANIES = (
    "company",
    "state",
    "server",
    "size",
    "users",
    "schema",
    "drift",
    "last proven backup",
    "last used",
    "load",
)
#: Lines that the head, the servers and the empty lines between the tables take, beside the rows.
_FRAME_LINES = 9
_SORTS: dict[str, Callable[[FleetCompany], Any]] = {
    "company": lambda one: one.slug,
    "size": lambda one: -(one.size_bytes or 0),
    "drift": lambda one: (one.drift is None, one.slug),
    "backup": lambda one: one.proven_at.timestamp() if one.proven_at else 0,
    "load": lambda one: -(one.load or 0),
}


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="""\b
    Examples:
      crmtenant fleet                      live, until Ctrl-C
      crmtenant fleet --once --sort drift
      crmtenant fleet --json | jq '.companies[] | select(.drift)'
      crmtenant fleet account add mara     for the fleet's page
    """,
)
@click.option("--once", is_flag=True, help="Print it once and end.")
@click.option(
    "--sort",
    type=click.Choice(list(_SORTS)),
    default="company",
    show_default=True,
    help="Order of the companies.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0.5, 3600),
    default=2.0,
    show_default=True,
    help="Seconds between two looks.",
)
@as_json_option
@click.pass_context
def fleet(context: click.Context, once: bool, sort: str, interval: float, as_json: bool) -> None:
    """Show the fleet: servers with room, what is being done, and every company with what is odd about it."""
    if context.invoked_subcommand is not None:
        return
    with context.obj.platform() as platform:

        def look() -> Fleet:
            return survey(platform.databases.catalog, platform.operations.servers)

        if as_json:
            click.echo(orjson.dumps(look(), option=orjson.OPT_INDENT_2))
        elif once or not sys.stdout.isatty():
            _print(look(), sort)
        else:
            _watch(look, sort, interval)


def _watch(look: Callable[[], Fleet], sort: str, interval: float) -> None:
    console = Console()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                live.update(_screen(look(), sort, console.height), refresh=True)
                time.sleep(interval)
        except KeyboardInterrupt:
            return


def _screen(found: Fleet, sort: str, height: int) -> Group:
    ordered = sorted(found.companies, key=_SORTS[sort])
    room = max(3, height - _FRAME_LINES - len(found.servers) - len(found.work))
    more = f", the first {room} by {sort}" if len(ordered) > room else ""
    odd = sum(one.drift is not None for one in ordered)
    head = Text(
        f"{len(ordered)} companies{more} · {odd} with drift · schema {found.revision} · {moment(found.taken_at)} UTC · Ctrl-C ends",
        style="dim",
    )
    parts: list[RenderableType] = [
        head,
        Text(),
        _table(SERVERS, [_server_row(one) for one in found.servers]),
        Text(),
    ]
    if found.work:
        parts += [_table(WORK, [_work_row(one) for one in found.work]), Text()]
    return Group(*parts, _table(COMPANIES, [_company_row(one) for one in ordered[:room]], odd="drift"))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, odd: str | None = None) -> Table:
    table = Table(*columns, box=None, header_style="bold", pad_edge=False, expand=False)
    at = columns.index(odd) if odd else None
    for row in rows:
        style = "red" if at is not None and row[at] != "-" else ""
        table.add_row(*(Text(cell, style=style) for cell in row))
    return table


def _print(found: Fleet, sort: str) -> None:
    print_table(SERVERS, [_server_row(one) for one in found.servers])
    click.echo()
    if found.work:
        print_table(WORK, [_work_row(one) for one in found.work])
        click.echo()
    print_table(COMPANIES, [_company_row(one) for one in sorted(found.companies, key=_SORTS[sort])])


def _server_row(one: FleetServer) -> tuple[str, ...]:
    if not one.is_reachable:
        state = "unreachable"
    elif one.is_draining:
        state = "draining"
    else:
        state = "has room" if one.has_room else "full" if one.weight else "takes none"
    return (
        one.name,
        state,
        size(one.used_bytes),
        size(one.capacity_bytes),
        str(one.companies),
        str(one.spares),
    )


def _work_row(one: FleetWork) -> tuple[str, ...]:
    progress = "-" if one.progress is None else f"{one.progress} %"
    return one.company, one.kind, one.step or "-", progress, moment(one.since)


def _company_row(one: FleetCompany) -> tuple[str, ...]:
    load = "-" if one.load is None else f"{one.load:.2f}"
    return (
        one.slug,
        one.state,
        one.server,
        size(one.size_bytes),
        str(one.users),
        one.schema_revision or "-",
        one.drift or "-",
        moment(one.proven_at),
        moment(one.used_at),
        load,
    )


@fleet.group(
    cls=Commands, epilog="\b\nExamples:\n  crmtenant fleet account add mara\n  crmtenant fleet account list"
)
def account() -> None:
    """Manage who may look at the fleet's page (`fleet_listen`)."""


@account.command(
    epilog="""\b
    Examples:
      crmtenant fleet account add mara
      pass show crm/mara | crmtenant fleet account add mara --password-stdin
    """
)
@click.argument("name", type=LINE)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)
@pass_installation
def add(installation: Context, name: str, password_stdin: bool) -> None:
    """Add an account."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with installation.platform() as platform:
        platform.identity.operator_accounts.add(name, password)
    click.echo(f"Added {name}.")


@account.command(epilog="\b\nExamples:\n  crmtenant fleet account remove mara")
@click.argument("name", type=LINE)
@pass_installation
def remove(installation: Context, name: str) -> None:
    """Remove an account; it is signed out at once."""
    with installation.platform() as platform:
        platform.identity.operator_accounts.remove(name)
    click.echo(f"Removed {name}.")


@account.command("list", epilog="\b\nExamples:\n  crmtenant fleet account list --json")
@as_json_option
@pass_installation
def list_accounts(installation: Context, as_json: bool) -> None:
    """List the accounts."""
    with installation.platform() as platform:
        names = platform.identity.operator_accounts.names()
    click.echo(orjson.dumps(names, option=orjson.OPT_INDENT_2) if as_json else "\n".join(names))
