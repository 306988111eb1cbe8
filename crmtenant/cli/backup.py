"""Saving companies, and looking at what was saved."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from crmtenant.cli.company import as_json_option, operator
from crmtenant.cli.progress import progress
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import moment, print_table, size
from crmtenant.errors import OperatorError
from crmtenant.services.backups.index import Saved
from crmtenant.services.backups.saving import JOBS, THE_CATALOG, Outcome

SOME_FAILED = 3
COLUMNS = ("company", "made", "proven", "size", "schema", "file")


class _Backup(Commands):
    """`crmtenant backup northwind`, beside `crmtenant backup verify FILE`: what is no command is a company."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """The arguments, with the command that was left out."""
        is_command = bool(args) and (args[0] in self.commands or args[0] in context.help_option_names)
        return super().parse_args(context, args if is_command or not args else ["make", *args])


@click.group(
    cls=_Backup,
    epilog="""\b
    Examples:
      crmtenant backup northwind
      crmtenant backup --all                    every night; exit code 3 when some could not be saved
      crmtenant backup --all --to /mnt/offsite
      crmtenant backup list northwind
      crmtenant backup verify /var/backups/crmtenant/northwind-20261126T031500Z-3f9a1c.json
    """,
)
def backup() -> None:
    """Save companies: `crmtenant backup COMPANY`, `crmtenant backup --all`; see also `backup make --help`."""


@backup.command(
    epilog="""\b
    Examples:
      crmtenant backup northwind
      crmtenant backup --all --jobs 4
    \b
    Exit codes: 0 all are saved, 1 it could not begin, 2 wrong usage, 3 some could not be saved.
    """
)
@click.argument("name", metavar="COMPANY", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every company.")
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory to write to. [default: the setting backup_dir]",
)
@click.option("--no-proof", is_flag=True, help="Do not restore each to see that it can be.")
@click.option("--jobs", default=JOBS, show_default=True, type=click.IntRange(1, 32), help="At the same time.")
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
    """Save one company or all, each as it is at one moment, and prove it by restoring it beside.

    Nobody's work is interrupted. One that cannot be saved stops none of the others. With --all, the catalog
    is saved too, as _catalog, and backups that newer ones make superfluous are removed: those of two days,
    7 daily, 4 weekly and 12 monthly ones stay.
    """
    if is_all == bool(name):
        raise click.UsageError("Name a company, or take --all.")
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
    _tell(outcomes, as_json=as_json)
    if any(outcome.problem for outcome in outcomes):
        raise SystemExit(SOME_FAILED)


@backup.command("list", epilog="\b\nExamples:\n  crmtenant backup list northwind --json")
@click.argument("name", metavar="COMPANY", required=False)
@as_json_option
@pass_installation
def list_backups(installation: Context, name: str | None, as_json: bool) -> None:
    """List the backups of all companies or one, the newest first, and which of them are proven."""
    with installation.platform() as platform:
        found = platform.operations.backups.listed(name)
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    elif found:
        print_table(COLUMNS, [_row(one) for one in found])
    else:
        click.echo("There is no backup yet.", err=True)


@backup.command(
    epilog="""\b
    Examples:
      crmtenant backup verify northwind-20261126T031500Z-3f9a1c.json
    """
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json_option
@pass_installation
def verify(installation: Context, file: Path, as_json: bool) -> None:
    """Restore a backup beside everything else, compare it with its manifest, and drop it again."""
    with installation.platform() as platform:
        manifest = platform.operations.backups.prove(file)
    rows = sum(count for count, _ in manifest.tables.values())
    if as_json:
        answer = {"company": manifest.company_slug, "made_at": manifest.made_at, "rows": rows}
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        click.echo(
            f"{manifest.company_slug} as it was on {moment(manifest.made_at)} UTC: {rows} rows in"
            f" {len(manifest.tables)} tables, restored and the same."
        )


def _tell(outcomes: list[Outcome], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "company": outcome.company.slug,
                "file": str(outcome.file) if outcome.file else None,
                "problem": outcome.problem,
            }
            for outcome in outcomes
        ]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for outcome in outcomes:
        if outcome.problem:
            click.echo(f"{outcome.company.slug}  not saved: {outcome.problem}")
        elif len(outcomes) == 1:
            click.echo(outcome.file)
    failed = sum(outcome.problem is not None for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} saved, {failed} failed.", err=True)


def _row(saved: Saved) -> tuple[str, ...]:
    return (
        saved.slug,
        moment(saved.made_at),
        moment(saved.proven_at) if saved.problem is None else f"no: {saved.problem}",
        size(saved.size_bytes),
        saved.schema_revision,
        saved.manifest_file,
    )
