"""The fleet as tables: live on a terminal, or once, as text or JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crmtenant.cli.tables import moment, print_table, size
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.services.monitoring.fleet_state import Fleet, FleetCompany, FleetServer, FleetWork

SERVERS = ("server", "state", "used", "of", "companies", "spares", "load")
WORK = ("company", "work", "step", "progress", "since")
COMPANIES = (
    *("company", "state", "server", "size", "users", "schema", "drift"),
    *("last proven backup", "last used", "load", "errors"),
)
#: Lines of the head, of the three headings, and between the tables.
_FRAME_LINES = 7
_FEWEST_ROWS = 3
_MOST_WORK = 8
SORTS: dict[str, Callable[[FleetCompany], Any]] = {
    "company": lambda one: one.slug,
    "size": lambda one: -(one.size_bytes or 0),
    "drift": lambda one: (one.drift is None, one.slug),
    "backup": lambda one: one.proven_at.timestamp() if one.proven_at else 0,
    "load": lambda one: -(one.load or 0),
    "errors": lambda one: -(one.errors or 0),
}


def watch(look: Callable[[], Fleet], sort: str, interval: float) -> None:
    """Show the fleet until Ctrl-C; while the catalog cannot be read, say so and go on."""
    console = Console()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                live.update(_seen(look, sort, console.height), refresh=True)
                time.sleep(interval)
        except KeyboardInterrupt:
            return


def _seen(look: Callable[[], Fleet], sort: str, height: int) -> RenderableType:
    try:
        return screen(look(), sort, height)
    except RECOVERABLE_ERRORS as problem:
        return Text(f"{sentence(problem)}\nTrying again; Ctrl-C ends.", style="red")


def screen(found: Fleet, sort: str, height: int) -> Group:
    """Return what is shown on a terminal of so many lines."""
    ordered = sorted(found.companies, key=SORTS[sort])
    work = found.work[:_MOST_WORK]
    room = max(_FEWEST_ROWS, height - _FRAME_LINES - len(found.servers) - (len(work) + 2 if work else 0))
    more = f", the first {room} by {sort}" if len(ordered) > room else ""
    unlike = sum(one.drift is not None for one in ordered)
    unproven = sum(one.is_unproven(found.taken_at) for one in ordered)
    head = (
        f"{len(ordered)} companies{more} · {unlike} with drift · {unproven} unproven · schema {found.revision}"
        f" · {found.taken_at:%H:%M:%S} UTC · Ctrl-C ends"
    )
    parts = [Text(head, style="dim", no_wrap=True, overflow="ellipsis"), Text()]
    parts += [_table(SERVERS, [_server_row(one) for one in found.servers]), Text()]
    if work:
        parts += [_table(WORK, [_work_row(one) for one in work]), Text()]
    return Group(*parts, _table(COMPANIES, [_company_row(one) for one in ordered[:room]], marked="drift"))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, marked: str | None = None) -> Any:
    table = Table(box=None, header_style="bold", pad_edge=False, expand=False)
    for column in columns:
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    at = columns.index(marked) if marked else None
    for row in rows:
        style = "red" if at is not None and row[at] != "-" else ""
        table.add_row(*(Text(cell, style=style) for cell in row))
    return table


def print_fleet(found: Fleet, sort: str) -> None:
    """Print all of it."""
    print_table(SERVERS, [_server_row(one) for one in found.servers])
    click.echo()
    if found.work:
        print_table(WORK, [_work_row(one) for one in found.work])
        click.echo()
    print_table(COMPANIES, [_company_row(one) for one in sorted(found.companies, key=SORTS[sort])])


def as_document(found: Fleet, sort: str) -> dict[str, Any]:
    """Return all of it as it is written as JSON."""
    return {
        **asdict(found),
        "servers": [{**asdict(one), "has_room": one.has_room} for one in found.servers],
        "companies": sorted(found.companies, key=SORTS[sort]),
    }


def _server_row(one: FleetServer) -> tuple[str, ...]:
    return (
        one.name,
        _server_state(one),
        size(one.used_bytes),
        size(one.capacity_bytes),
        str(one.companies),
        str(one.spares),
        _percent(one.load),
    )


def _server_state(one: FleetServer) -> str:
    if not one.is_reachable:
        return "unreachable"
    if one.is_draining:
        return "draining"
    if one.has_room:
        return "has room"
    return "full" if one.weight else "takes none"


def _work_row(one: FleetWork) -> tuple[str, ...]:
    progress = "-" if one.progress is None else f"{one.progress} %"
    return one.company or "-", one.kind, one.step or "-", progress, moment(one.since)


def _company_row(one: FleetCompany) -> tuple[str, ...]:
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
        "-" if one.load is None else _percent(one.load),
        "-" if one.errors is None else str(one.errors),
    )


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
