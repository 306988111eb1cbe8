"""The operators' journal."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import UTC, datetime

import click

from crmtenant.cli.arguments import COMPANY, SINCE
from crmtenant.cli.company import as_json_option
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import moment, print_json, print_table
from crmtenant.services.monitoring.journal import JournalEntry

COLUMNS = ("began", "who", "on", "command", "exit code", "outcome")
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@click.command(
    epilog="""\b
    Examples:
      crmtenant journal
      crmtenant journal --company northwind --since 30d
      crmtenant journal --since 2026-11-01 --json | jq '.[] | select(.exit_code != 0)'
    """
)
@click.option(
    "--company", type=COMPANY, metavar="COMPANY", help="Only what was done to this company, purged ones too."
)
@click.option("--since", type=SINCE, help="A day such as 2026-11-01 (UTC), or a time ago such as 12h, 30d.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 100_000), help="How many, the newest."
)
@as_json_option
@pass_installation
def journal(
    installation: Context, company: str | None, since: datetime | None, limit: int, as_json: bool
) -> None:
    """List what operators did: who, where, which command, with what outcome; the newest first.

    Commands that only read are not in it. One without an end is still running, or was killed.
    """
    with installation.platform() as platform:
        platform.journal.take_up()
        found = platform.journal.entries(since or _EVER, limit, company)
    if as_json:
        print_json([_public(entry) for entry in found])
    elif found:
        print_table(COLUMNS, [_row(entry) for entry in found])
    else:
        click.echo("The journal has nothing about that.", err=True)


def _public(entry: JournalEntry) -> dict[str, object]:
    fields = asdict(entry)
    return {"id": fields.pop("command_id"), **fields}


def _row(entry: JournalEntry) -> tuple[str, ...]:
    return (
        moment(entry.began_at),
        entry.operator,
        entry.host,
        shlex.join([*entry.command.split(), *entry.arguments]),
        "-" if entry.exit_code is None else str(entry.exit_code),
        _outcome(entry),
    )


def _outcome(entry: JournalEntry) -> str:
    if entry.ended_at is None:
        return "not ended"
    return entry.outcome or ("done" if entry.exit_code == 0 else "")
