"""The PostgreSQL servers of an installation, and moving companies between them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict

import click

from crmtenant.cli.arguments import COMPANY, SERVER, SIZE, URL
from crmtenant.cli.company import as_json_option, named, yes_option
from crmtenant.cli.progress import progress, steps
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import print_answer, print_json, print_table, size
from crmtenant.db.embedded.open_server import address_from_url
from crmtenant.errors import DomainError, OperatorError
from crmtenant.platform import Platform
from crmtenant.services.fleet.moving import CompletedMove
from crmtenant.services.fleet.server_registry import LeavingCompany, ServerSummary

SOME_FAILED = 3
#: What every move costs, however small the company: as much time as copying about this many bytes.
MOVE_BYTES = 50_000_000
COLUMNS = (
    "server",
    "companies",
    "spares",
    "kept",
    "used",
    "free",
    "capacity",
    "weight",
    "schema",
    "takes new ones",
)


@click.group(
    cls=Commands,
    epilog="""\b
    Examples:
      crmtenant server list
      crmtenant server add berlin2 postgresql+psycopg2://crm@10.0.0.12:5432/postgres --capacity 200GB
      crmtenant server drain berlin2 --move
    """,
)
def server() -> None:
    """Manage the PostgreSQL servers: list, add, set, drain, undrain, remove."""


@server.command("list", epilog="\b\nExamples:\n  crmtenant server list --json | jq '.[].name'")
@as_json_option
@pass_installation
def list_servers(installation: Context, as_json: bool) -> None:
    """List every server and what is on it."""
    with installation.platform() as platform:
        found = platform.operations.server_registry.summaries()
    if as_json:
        print_json(found)
    else:
        print_table(COLUMNS, [_row(summary) for summary in found])


@server.command(
    epilog="""\b
    Examples:
      crmtenant server add berlin2 postgresql+psycopg2://crm@10.0.0.12:5432/postgres
      crmtenant server add berlin2 ... --weight 200 --capacity 1TB
    """
)
@click.argument("name", type=SERVER)
@click.argument("url", type=URL)
@click.option(
    "--weight",
    default=100,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Its share of new companies.",
)
@click.option("--capacity", type=SIZE, help="Its capacity, such as 200GB; new companies prefer free space.")
@as_json_option
@pass_installation
def add(installation: Context, name: str, url: str, weight: int, capacity: int | None, as_json: bool) -> None:
    """Add a server. Its user needs CREATEDB and CREATEROLE.

    The password is not stored: it is that of database_url, or else read from libpq's password file (~/.pgpass).
    """
    with installation.platform() as platform:
        address = address_from_url(url)
        platform.operations.server_registry.add(name, address, weight=weight, capacity_bytes=capacity)
        _print(platform, name, "takes new companies now", as_json=as_json)


@server.command("set", epilog="\b\nExamples:\n  crmtenant server set berlin2 --capacity 200GB")
@click.argument("name", type=SERVER)
@click.option("--weight", type=click.IntRange(0, 10_000), help="Its share of new companies.")
@click.option("--capacity", type=SIZE, help="What its disk can hold, databases and WAL, such as 200GB.")
@as_json_option
@pass_installation
def set_server(
    installation: Context, name: str, weight: int | None, capacity: int | None, as_json: bool
) -> None:
    """Change a server's weight or capacity. Near its capacity it is read-only: `min_free_bytes` are kept free."""
    given = {"weight": weight, "capacity_bytes": capacity}
    values = {key: value for key, value in given.items() if value is not None}
    if not values:
        raise click.UsageError("Give --weight or --capacity.")
    with installation.platform() as platform:
        platform.operations.server_registry.change(name, values)
        _print(platform, name, "is changed", as_json=as_json)


@server.command(
    epilog="""\b
    Examples:
      crmtenant server drain berlin2                    takes no new companies
      crmtenant server drain berlin2 --move --yes       its companies are moved away, one by one
      crmtenant server drain berlin2 --move --jobs 4    four at a time
    \b
    Exit codes: 0 done, 1 could not start, 2 wrong usage, 3 some companies could not be moved.
    """
)
@click.argument("name", type=SERVER)
@click.option("--move", "is_moving", is_flag=True, help="Move every company to the other servers.")
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 8),
    help="How many to move at the same time. Each needs a replication slot here and a worker there.",
)
@yes_option
@as_json_option
@pass_installation
def drain(installation: Context, name: str, is_moving: bool, jobs: int, yes: bool, as_json: bool) -> None:
    """Stop sending new companies to a server; with --move, move its companies away.

    How long it takes is told as soon as the first have arrived.
    """
    with installation.platform() as platform:
        server_registry = platform.operations.server_registry
        server_registry.drain(name)
        leaving = server_registry.companies_on(name) if is_moving else []
        if leaving and not yes:
            text = f"Move {len(leaving)} companies ({size(sum(one.size_bytes for one in leaving))}) away from {name}?"
            click.confirm(text, abort=True, err=True)
        failed = move_all(platform, leaving, jobs=jobs, is_quiet=as_json)
        _print(platform, name, "takes no new companies", as_json=as_json)
    if failed:
        for problem in failed:
            click.echo(problem, err=True)
        raise SystemExit(SOME_FAILED)


@server.command(epilog="\b\nExamples:\n  crmtenant server undrain berlin2")
@click.argument("name", type=SERVER)
@as_json_option
@pass_installation
def undrain(installation: Context, name: str, as_json: bool) -> None:
    """Let a drained server take new companies again."""
    with installation.platform() as platform:
        platform.operations.server_registry.drain(name, is_draining=False)
        _print(platform, name, "takes new companies again", as_json=as_json)


@server.command(epilog="\b\nExamples:\n  crmtenant server remove berlin2")
@click.argument("name", type=SERVER)
@yes_option
@as_json_option
@pass_installation
def remove(installation: Context, name: str, yes: bool, as_json: bool) -> None:
    """Remove a server without companies from the installation. The server itself keeps running."""
    with installation.platform() as platform:
        platform.operations.servers.named(name)
        if not yes:
            click.confirm(f"Remove {name} from the installation?", abort=True, err=True)
        platform.operations.server_registry.remove(name)
    print_answer({"removed": name}, f"Removed {name}.", as_json=as_json)


@click.command(
    epilog="""\b
    Examples:
      crmtenant move northwind --to berlin2
      crmtenant move northwind --to main --yes        even if users have to wait for all of the copying
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option(
    "--to", "target", type=SERVER, required=True, metavar="SERVER", help="The server to move it to."
)
@yes_option
@as_json_option
@pass_installation
def move(installation: Context, name: str, target: str, yes: bool, as_json: bool) -> None:
    """Move a company to another server while people work in it.

    It is replicated; users wait about a second at the end, and nothing is lost. Where the servers cannot replicate,
    users wait for all of the copying, and you are asked first. The old database is kept for a day.
    """
    with installation.platform() as platform:
        company = named(platform, name)
        server = platform.operations.servers.named(target)
        reason = platform.operations.mover.why_not_replicated(company.id, server)
        if reason is not None and not yes:
            click.confirm(
                f"It cannot be replicated: {reason}. Users will wait while {size(company.size_bytes)} are"
                " copied. Continue?",
                abort=True,
                err=True,
            )
        moved = platform.operations.mover.move(company.id, server, steps(name, is_quiet=as_json))
    if as_json:
        print_json({"id": company.id, **asdict(moved)})
    else:
        click.echo(_sentence(moved))


def move_all(platform: Platform, leaving: list[LeavingCompany], *, jobs: int, is_quiet: bool) -> list[str]:
    """Move the companies, so many at the same time; return a sentence on each that could not be moved."""
    failed = []
    weight = sum(map(_weight, leaving))
    with (
        progress("Moving", len(leaving), weight=weight, is_quiet=is_quiet) as advance,
        ThreadPoolExecutor(jobs) as movers,
    ):
        moving = {movers.submit(_move_away, platform, one.tenant_id): one for one in leaving}
        try:
            for moved in as_completed(moving):
                company, problem = moving[moved], moved.result()
                if problem is not None:
                    failed.append(f"{company.slug}: {problem}")
                advance(company.slug, _weight(company))
        except BaseException:
            movers.shutdown(wait=False, cancel_futures=True)
            raise
    return failed


def _weight(company: LeavingCompany) -> int:
    return company.size_bytes + MOVE_BYTES


def _move_away(platform: Platform, tenant_id: str) -> str | None:
    """Move the company to another server; return why that failed."""
    try:
        platform.operations.mover.move(tenant_id, platform.operations.choose_server())
    except (OperatorError, DomainError) as problem:
        return str(problem)
    return None


def _print(platform: Platform, name: str, outcome: str, *, as_json: bool) -> None:
    if as_json:
        (found,) = (one for one in platform.operations.server_registry.summaries() if one.name == name)
        print_json(found)
    else:
        click.echo(f"{name} {outcome}.")


def _sentence(moved: CompletedMove) -> str:
    how = "replicated" if moved.is_replicated else "copied"
    return f"{moved.slug} is on {moved.server}, {how}; its users waited {moved.pause_seconds:.2f} s."


def _row(summary: ServerSummary) -> tuple[str, ...]:
    return (
        summary.name,
        str(summary.companies),
        str(summary.spares),
        str(summary.set_aside),
        size(summary.used_bytes),
        "full" if summary.is_full else size(summary.free_bytes),
        size(summary.capacity_bytes),
        str(summary.weight),
        summary.template_revision or "-",
        "no" if summary.is_draining or summary.is_full or not summary.weight else "yes",
    )
