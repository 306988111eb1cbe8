"""What companies use."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from crmtenant.cli.company import as_json_option
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import moment, print_json, print_table, size
from crmtenant.clock import now
from crmtenant.services.monitoring import top_companies
from crmtenant.services.monitoring.top_companies import ORDERS, RANKS, CompanyUse

COLUMNS = (
    *("company", "requests", "seconds", "database", "errors", "slow", "in", "out"),
    *("size", "rows", "last use", "name"),
)


@click.command(
    epilog="""\b
    Examples:
      crmtenant company top
      crmtenant company top --by database --day 2026-11-26
      crmtenant company top --by errors --json | jq '.[].slug'
    """
)
@click.option(
    "--by",
    default="seconds",
    show_default=True,
    type=click.Choice(list(ORDERS)),
    help="What to order by: seconds of threads, seconds of the database, bytes of the database, ...",
)
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="The day, UTC, such as 2026-11-26. [default: today]"
)
@click.option(
    "--limit", default=RANKS, show_default=True, type=click.IntRange(1, 10_000), help="How many companies."
)
@as_json_option
@pass_installation
def top(installation: Context, by: str, day: datetime | None, limit: int, as_json: bool) -> None:
    """List the companies that use most: requests, seconds of threads and of the database, bytes, rows.

    What serving processes counted in the last half minute is not in it yet.
    """
    today = now().astimezone(UTC).date()
    with installation.platform() as platform:
        found = top_companies.top(
            platform.databases.catalog, by, day.date() if day else today, today, limit=limit
        )
    if as_json:
        print_json(found)
    elif found:
        print_table(COLUMNS, [_row(one) for one in found])
    else:
        click.echo("Nothing was counted on that day.", err=True)


def _row(one: CompanyUse) -> tuple[str, ...]:
    return (
        one.slug,
        str(one.requests),
        f"{one.thread_seconds:.1f}",
        f"{one.database_seconds:.1f}",
        str(one.errors),
        str(one.slow_statements),
        size(one.bytes_in),
        size(one.bytes_out),
        size(one.size_bytes),
        "-" if one.row_count is None else str(one.row_count),
        moment(one.last_used_at),
        one.name,
    )
