"""Going back behind a migration."""

from __future__ import annotations

from dataclasses import asdict

import click

from crmtenant.cli.arguments import COMPANY
from crmtenant.cli.company import as_json_option, named, yes_option
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import moment, print_json, print_table
from crmtenant.db.schema.migrations import head, served_revisions
from crmtenant.services.backups.going_back import Copy, Return
from crmtenant.services.monitoring.overview import CompanyOverview


@click.command(
    "back",
    epilog="""\b
    Examples:
      crmtenant migrate back --company northwind --dry-run   what would be lost
      crmtenant migrate back --company northwind
    """,
)
@click.option("--company", "name", required=True, type=COMPANY, metavar="COMPANY", help="The company.")
@click.option("--dry-run", is_flag=True, help="Only show what was written since.")
@yes_option
@as_json_option
@pass_installation
def migrate_back(installation: Context, name: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Bring a company back to what it was before its last migration, within a day.

    It gets the copy that --keep-copy kept, or else the newest proven backup of an older schema revision. What was written
    since is shown first; it is no longer in the company, but kept for a day: crmtenant company undo-restore. If the
    command is interrupted, repeat it.
    """
    with installation.platform() as platform:
        company = named(platform, name)
        revision = platform.operations.going_back.went_back_to(company.id)
        if revision is not None:
            if not dry_run:
                platform.operations.going_back.complete(company.id)
            _say_already(company, revision, as_json=as_json)
            return
        with platform.operations.going_back.prepare(company.id) as prepared:
            if not as_json:
                _print_written(prepared)
            if not (dry_run or yes):
                click.confirm(f"Bring {company.slug} back?", abort=True, err=True)
            if not dry_run:
                prepared.go()
    if as_json:
        answer = {"id": company.id, **_public(prepared), "is_done": not dry_run}
        print_json(answer)
    elif not dry_run:
        click.echo(_outcome(prepared.slug, prepared.source.revision))


def _print_written(prepared: Return) -> None:
    source = prepared.source
    click.echo(
        f"{prepared.slug}: from schema revision {prepared.revision} back to {source.revision}, as it was at"
        f" {moment(source.made_at)} UTC ({_kind(prepared)}). Rows written since:",
        err=True,
    )
    if prepared.written:
        rows = [(one.table, str(one.added), str(one.changed), str(one.deleted)) for one in prepared.written]
        print_table(("table", "added", "changed", "deleted"), rows)
    else:
        click.echo("none", err=True)


def _say_already(company: CompanyOverview, revision: str, *, as_json: bool) -> None:
    if as_json:
        answer = {"id": company.id, "slug": company.slug, "to": revision, "is_done": True}
        print_json(answer)
    else:
        click.echo(f"{company.slug} went back already. {_outcome(company.slug, revision)}")


def _outcome(slug: str, revision: str) -> str:
    done = f"{slug} is at schema revision {revision} again"
    if revision in served_revisions():
        return f"{done}, at which this release serves it."
    return (
        f"{done}. This release does not serve it: run the release before, or bring it to {head('tenant')} with crmtenant"
        f" migrate --company {slug}."
    )


def _public(prepared: Return) -> dict[str, object]:
    return {
        "slug": prepared.slug,
        "from": prepared.revision,
        "to": prepared.source.revision,
        "as_of": prepared.source.made_at,
        "source": _kind(prepared),
        "written": [asdict(one) for one in prepared.written],
        "is_served": prepared.is_served,
    }


def _kind(prepared: Return) -> str:
    return "copy" if isinstance(prepared.source, Copy) else "backup"
