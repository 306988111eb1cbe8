"""Migrating the companies' databases to this release's schema."""

from __future__ import annotations

import click

from crmtenant.cli.arguments import COMPANY
from crmtenant.cli.progress import progress
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import print_json, size
from crmtenant.errors import OperatorError
from crmtenant.services.fleet.migration import JOBS, FleetMigration, MigrationReport, OutdatedCompany
from crmtenant.services.fleet.migration_copies import KeptCopies

SOME_FAILED = 3


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="""\b
    Examples:
      crmtenant migrate --all --dry-run            which companies are outdated, and their revisions
      crmtenant migrate --all --canary northwind   northwind first; if that fails, no others
      crmtenant migrate --company northwind --keep-copy
      crmtenant migrate back --company northwind   back to what it was before, within a day
    \b
    Exit codes: 0 all migrated, 1 could not start, 2 wrong usage, 3 some could not be migrated.
    """,
)
@click.option(
    "--company",
    "companies",
    multiple=True,
    type=COMPANY,
    metavar="SLUG",
    help="Migrate only this company; may be repeated.",
)
@click.option("--all", "is_all", is_flag=True, help="Migrate every outdated company.")
@click.option(
    "--canary",
    "canaries",
    type=COMPANY,
    multiple=True,
    metavar="SLUG",
    help="Migrate this company first; may be repeated.",
)
@click.option(
    "--jobs", default=JOBS, show_default=True, type=click.IntRange(1, 32), help="How many at the same time."
)
@click.option(
    "--tolerate", type=click.IntRange(0), help="How many failures to tolerate. [default: 5 %, at least 3]"
)
@click.option(
    "--keep-copy/--no-keep-copy",
    "is_copy_kept",
    default=None,
    help="Keep what a company can go back to for a day. [default: as the setting migration_copies says]",
)
@click.option("--dry-run", is_flag=True, help="Only list the outdated companies.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
@pass_installation
def migrate(
    installation: Context,
    context: click.Context,
    companies: tuple[str, ...],
    is_all: bool,
    canaries: tuple[str, ...],
    jobs: int,
    tolerate: int | None,
    is_copy_kept: bool | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Migrate companies' databases: canaries, then 5 %, 25 % and all, stopping after a wave with too many failures.

    Each database is changed completely or not at all; its users get 503 only while that lasts. Running it again
    continues with those that are left.
    """
    if context.invoked_subcommand is not None:
        if is_all or companies:
            raise click.UsageError("Name the company after the word back.")
        return
    if is_all == bool(companies):
        raise click.UsageError("Name companies with --company, or use --all.")
    with installation.platform() as platform:
        outdated = _outdated(platform.operations.fleet_migration, companies, canaries)
        if is_all:
            _print_gone_back(platform.operations.fleet_migration.gone_back())
        if dry_run:
            _print_outdated(outdated, as_json=as_json)
            return
        kept = _kept_copies(platform.settings.migration_copies, is_copy_kept=is_copy_kept)
        _print_room(platform.operations.fleet_migration.kept_bytes(outdated, canaries, kept))
        with progress("Migrating", len(outdated), is_quiet=as_json) as advance:
            report = platform.operations.fleet_migration.migrate(
                outdated,
                jobs=jobs,
                canaries=canaries,
                tolerate=tolerate,
                keep_copies=kept,
                on_result=lambda result: advance(result.company.slug),
            )
    _print(report, as_json=as_json)
    if report.failed:
        raise SystemExit(SOME_FAILED)


def _print_gone_back(companies: list[OutdatedCompany]) -> None:
    for one in companies:
        click.echo(
            f"{one.slug} went back to {one.revision} and stays there: crmtenant migrate --company {one.slug}",
            err=True,
        )


def _print_room(kept_bytes: int) -> None:
    if kept_bytes:
        click.echo(
            f"What is kept for a day takes up to {size(kept_bytes)}: copies where servers clone databases, elsewhere backups.",
            err=True,
        )


def _kept_copies(setting: KeptCopies, *, is_copy_kept: bool | None) -> KeptCopies:
    if is_copy_kept is None:
        return setting
    return "all" if is_copy_kept else "none"


def _outdated(
    migration: FleetMigration, slugs: tuple[str, ...], canaries: tuple[str, ...]
) -> list[OutdatedCompany]:
    unknown = sorted(set(slugs + canaries) - migration.known_slugs(slugs + canaries))
    if unknown:
        raise OperatorError(f"There is no company {unknown[0]}.")
    return migration.behind(slugs)


def _print_outdated(outdated: list[OutdatedCompany], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"id": company.tenant_id, "company": company.slug, "revision": company.revision}
            for company in outdated
        ]
        print_json(rows)
        return
    for company in outdated:
        click.echo(f"{company.slug}  {company.revision}")
    click.echo(f"{len(outdated)} outdated.", err=True)


def _print(report: MigrationReport, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "id": result.company.tenant_id,
                "company": result.company.slug,
                "revision": result.revision,
                "problem": result.problem,
            }
            for result in report.results
        ]
        answer = {"revision": report.revision, "companies": rows, "left": report.left}
        print_json(answer)
        return
    for result in report.failed:
        click.echo(f"{result.company.slug}  stays at {result.revision}: {result.problem}")
    done = len(report.results) - len(report.failed)
    click.echo(
        f"{done} migrated to {report.revision}, {len(report.failed)} failed, {report.left} not attempted."
    )
