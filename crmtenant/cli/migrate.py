"""Bringing the companies' databases to this release's schema."""

from __future__ import annotations

import click
import orjson

from crmtenant.cli.progress import progress
from crmtenant.cli.root import Context, pass_installation
from crmtenant.errors import OperatorError
from crmtenant.services.fleet.migration import JOBS, Behind, Fleet, Report

SOME_FAILED = 3


@click.command(
    epilog="""\b
    Examples:
      crmtenant migrate --all --dry-run            who is behind, and by what
      crmtenant migrate --all --canary northwind   northwind first; if that fails, nobody else
      crmtenant migrate --company northwind
    \b
    Exit codes: 0 all are migrated, 1 it could not begin, 2 wrong usage, 3 some could not be migrated.
    """
)
@click.option("--company", "companies", multiple=True, metavar="SLUG", help="Only this one; may be repeated.")
@click.option("--all", "is_all", is_flag=True, help="Every company that is behind.")
@click.option("--canary", "canaries", multiple=True, metavar="SLUG", help="First of all; may be repeated.")
@click.option("--jobs", default=JOBS, show_default=True, type=click.IntRange(1, 32), help="At the same time.")
@click.option(
    "--tolerate", type=click.IntRange(0), help="Failures that stop nothing. [default: 5 %, at least 3]"
)
@click.option("--dry-run", is_flag=True, help="Only list who is behind.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@pass_installation
def migrate(
    installation: Context,
    companies: tuple[str, ...],
    is_all: bool,
    canaries: tuple[str, ...],
    jobs: int,
    tolerate: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Migrate companies' databases: canaries, then 5 %, 25 % and all, never past a wave that fails too often.

    Each is changed wholly or not at all, and is put off with 503 only while that lasts. Running it again goes
    on with those that are left.
    """
    if is_all == bool(companies):
        raise click.UsageError("Name companies with --company, or take --all.")
    with installation.platform() as platform:
        behind = _behind(platform.operations.fleet, companies, canaries)
        if dry_run:
            _tell_behind(behind, as_json=as_json)
            return
        with progress("Migrating", len(behind), is_quiet=as_json) as advance:
            report = platform.operations.fleet.migrate(
                behind,
                jobs=jobs,
                canaries=canaries,
                tolerate=tolerate,
                on_result=lambda result: advance(result.company.slug),
            )
    _tell(report, as_json=as_json)
    if report.failed:
        raise SystemExit(SOME_FAILED)


def _behind(fleet: Fleet, slugs: tuple[str, ...], canaries: tuple[str, ...]) -> list[Behind]:
    unknown = sorted(set(slugs + canaries) - fleet.known_slugs(slugs + canaries))
    if unknown:
        raise OperatorError(f"There is no company {unknown[0]}.")
    return fleet.behind(slugs)


def _tell_behind(behind: list[Behind], *, as_json: bool) -> None:
    if as_json:
        rows = [{"company": company.slug, "revision": company.revision} for company in behind]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for company in behind:
        click.echo(f"{company.slug}  {company.revision}")
    click.echo(f"{len(behind)} behind.", err=True)


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"company": result.company.slug, "revision": result.revision, "problem": result.problem}
            for result in report.results
        ]
        answer = {"revision": report.revision, "companies": rows, "left": report.left}
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    for result in report.failed:
        click.echo(f"{result.company.slug}  stays at {result.revision}: {result.problem}")
    done = len(report.results) - len(report.failed)
    click.echo(
        f"{done} migrated to {report.revision}, {len(report.failed)} failed, {report.left} left alone."
    )
