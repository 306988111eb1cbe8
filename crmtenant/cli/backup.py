"""Backing up companies; listing and verifying backups."""

from __future__ import annotations

from pathlib import Path

import click

from crmtenant.cli.arguments import COMPANY, DIRECTORY, FILE
from crmtenant.cli.company import as_json_option, operator
from crmtenant.cli.progress import progress
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import moment, print_json, print_table, size
from crmtenant.errors import OperatorError
from crmtenant.services.backups.index import BackupEntry
from crmtenant.services.backups.saving import JOBS, THE_CATALOG, BackupOutcome
from crmtenant.services.backups.trust import Trust

SOME_FAILED = 3
COLUMNS = ("company", "made", "proven", "size", "schema", "file")


class _Backup(Commands):
    """Allows `crmtenant backup northwind` beside `crmtenant backup verify FILE`: what is no command is a company."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, inserting the command `make` where none is given."""
        is_command = bool(args) and (args[0] in self.commands or args[0] in context.help_option_names)
        return super().parse_args(context, args if is_command or not args else ["make", *args])


trust_foreign_option = click.option(
    "--trust-foreign",
    is_flag=True,
    help="Even a backup without this installation's seal. Whoever made it can do there what our owner role may.",
)


@click.group(
    cls=_Backup,
    epilog="""\b
    Examples:
      crmtenant backup northwind
      crmtenant backup --all                    exit code 3 if some could not be saved
      crmtenant backup --all --to /mnt/offsite
      crmtenant backup list northwind
      crmtenant backup verify /var/backups/crmtenant/northwind-20261126T031500Z-3f9a1c.json
    """,
)
def backup() -> None:
    """Back up companies: `crmtenant backup COMPANY`, `crmtenant backup --all`; see also `backup make --help`."""


@backup.command(
    epilog="""\b
    Examples:
      crmtenant backup northwind
      crmtenant backup --all --jobs 4
    \b
    Exit codes: 0 all saved, 1 could not start, 2 wrong usage, 3 some could not be saved.
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY", required=False)
@click.option("--all", "is_all", is_flag=True, help="Back up every company.")
@click.option(
    "--to",
    type=DIRECTORY,
    help="The directory to write to. [default: the setting backup_dir]",
)
@click.option("--no-proof", is_flag=True, help="Do not restore each backup to prove that it can be.")
@click.option(
    "--jobs", default=JOBS, show_default=True, type=click.IntRange(1, 32), help="How many at the same time."
)
@as_json_option
@pass_installation
def make(
    installation: Context,
    name: str | None,
    is_all: bool,
    to: Path | None,
    no_proof: bool,
    jobs: int,
    as_json: bool,
) -> None:
    """Back up one company or all, each at one moment, and prove each backup by restoring it to a scratch database.

    Nobody's work is interrupted, and a company that cannot be saved stops none of the others. With --all, the
    catalog is saved too, as _catalog, and superfluous backups are removed: those of the last two days, 7 daily,
    4 weekly and 12 monthly ones are kept.
    """
    if is_all == bool(name):
        raise click.UsageError("Name a company, or use --all.")
    with installation.platform() as platform:
        companies = [*([THE_CATALOG] if is_all else []), *platform.operations.backups.companies(name)]
        if name and not companies:
            raise OperatorError(f"There is no company {name} to save.")
        outcomes = []
        with progress("Saving", len(companies), is_quiet=as_json) as advance:
            for outcome in platform.operations.backups.save_all(
                companies, by=operator(), to=to, is_proven=not no_proof, jobs=jobs
            ):
                outcomes.append(outcome)
                advance(outcome.company.slug)
        if is_all:
            platform.operations.backups.sweep()
    _print(outcomes, as_json=as_json)
    if any(outcome.problem for outcome in outcomes):
        raise SystemExit(SOME_FAILED)


@backup.command("list", epilog="\b\nExamples:\n  crmtenant backup list northwind --json")
@click.argument("name", type=COMPANY, metavar="COMPANY", required=False)
@as_json_option
@pass_installation
def list_backups(installation: Context, name: str | None, as_json: bool) -> None:
    """List the backups of all companies or of one, the newest first, with when each was proven."""
    with installation.platform() as platform:
        found = platform.operations.backups.entries(name)
    if as_json:
        print_json(found)
    elif found:
        print_table(COLUMNS, [_row(entry) for entry in found])
    else:
        click.echo("There are no backups yet.", err=True)


@backup.command(
    epilog="""\b
    Examples:
      crmtenant backup verify northwind-20261126T031500Z-3f9a1c.json
    """
)
@click.argument("file", type=FILE)
@trust_foreign_option
@as_json_option
@pass_installation
def verify(installation: Context, file: Path, trust_foreign: bool, as_json: bool) -> None:
    """Restore a backup to a scratch database, compare it with its manifest, and drop it again."""
    with installation.platform() as platform:
        manifest = platform.operations.backups.prove(file, Trust(is_foreign=trust_foreign))
    rows = sum(count for count, _ in manifest.tables.values())
    if as_json:
        answer = {
            "id": manifest.company_id,
            "company": manifest.company_slug,
            "made_at": manifest.made_at,
            "rows": rows,
        }
        print_json(answer)
    else:
        click.echo(
            f"{manifest.company_slug} as of {moment(manifest.made_at)} UTC: {rows} rows in"
            f" {len(manifest.tables)} tables, restored and identical."
        )


def _print(outcomes: list[BackupOutcome], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "id": outcome.company.id,
                "company": outcome.company.slug,
                "file": str(outcome.file) if outcome.file else None,
                "problem": outcome.problem,
            }
            for outcome in outcomes
        ]
        print_json(rows)
        return
    for outcome in outcomes:
        if outcome.problem:
            click.echo(f"{outcome.company.slug}  not saved: {outcome.problem}")
        elif len(outcomes) == 1:
            click.echo(outcome.file)
    failed = sum(outcome.problem is not None for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} saved, {failed} failed.", err=True)


def _row(entry: BackupEntry) -> tuple[str, ...]:
    return (
        entry.slug,
        moment(entry.made_at),
        moment(entry.proven_at) if entry.problem is None else f"no: {entry.problem}",
        size(entry.size_bytes),
        entry.schema_revision,
        entry.manifest_file,
    )
