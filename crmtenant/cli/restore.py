"""Restoring companies from backups, and cloning them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from crmtenant.cli.arguments import COMPANY, DURATION, EMAIL, FILE, LINE
from crmtenant.cli.backup import trust_foreign_option
from crmtenant.cli.company import as_json_option, named, operator, with_id, yes_option
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import moment, print_answer, print_json
from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.services.backups.restored_company import RestoredCompany
from crmtenant.services.backups.trust import Trust
from crmtenant.services.identity import users
from crmtenant.text.emails import Email


@click.command(
    epilog="""\b
    Examples:
      crmtenant restore northwind-20261126T031500Z-3f9a1c.json --into northwind
      crmtenant restore northwind-20261126T031500Z-3f9a1c.json --as "Northwind before the import"
    """
)
@click.argument("file", type=FILE)
@click.option("--into", type=COMPANY, metavar="COMPANY", help="The company to restore.")
@click.option(
    "--as", "new_name", type=LINE, metavar="NAME", help="Create a new company with this name instead."
)
@click.option("--owner", type=EMAIL, metavar="EMAIL", help="With --as: a user who will own the new company.")
@trust_foreign_option
@click.option("--force", is_flag=True, help="Even a backup that could not be restored when it was proven.")
@yes_option
@as_json_option
@pass_installation
def restore(
    installation: Context,
    file: Path,
    into: str | None,
    new_name: str | None,
    owner: Email | None,
    trust_foreign: bool,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Restore a company from a backup, or create a new company from it.

    The backup is restored into a new database, compared with its manifest, and migrated if it is older; only then
    does it replace the company's database, which is kept for a day. Until then the company is untouched. What was
    written since the backup is no longer in the company.
    """
    if (into is None) == (new_name is None):
        raise click.UsageError("Use either --into or --as.")
    trust = Trust(is_foreign=trust_foreign, is_failed=force)
    with installation.platform() as platform:
        if into is not None:
            _restore_into(platform, file, into, trust, is_confirmed=yes, as_json=as_json)
        else:
            restored = platform.operations.restorer.as_new(
                file, new_name or "", owner=_owner_id(platform, owner), trust=trust
            )
            installation.concerns(restored.tenant_id)
            _print(restored, as_json=as_json)


@click.command("undo-restore", epilog="\b\nExamples:\n  crmtenant company undo-restore northwind")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@yes_option
@as_json_option
@pass_installation
def undo_restore(installation: Context, name: str, yes: bool, as_json: bool) -> None:
    """Undo the last restore of a company, which must not be longer than a day ago.

    The restored database, with what was written since, is then kept for a day as well.
    """
    with installation.platform() as platform:
        company = named(platform, name)
        if not yes:
            click.confirm(f"Undo the last restore of {company.slug}?", abort=True, err=True)
        platform.operations.restorer.undo(company.id)
    answer = {"id": company.id, "slug": company.slug}
    print_answer(answer, f"Undid the last restore of {company.slug}.", as_json=as_json)


@click.command(
    epilog="""\b
    Examples:
      crmtenant clone northwind --as "Northwind training"
      crmtenant clone northwind --as "Northwind trial" --expires 14d --neutralise
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option("--as", "new_name", type=LINE, metavar="NAME", required=True, help="The name of the copy.")
@click.option(
    "--expires", type=DURATION, metavar="TIME", help="Delete the copy after this time, such as 14d."
)
@click.option(
    "--owner",
    type=EMAIL,
    metavar="EMAIL",
    help="A user who will own the copy, besides the owners of the original.",
)
@click.option("--neutralise", "is_neutral", is_flag=True, help="The copy sends no mails.")
@as_json_option
@pass_installation
def clone(
    installation: Context,
    name: str,
    new_name: str,
    expires: timedelta | None,
    owner: Email | None,
    is_neutral: bool,
    as_json: bool,
) -> None:
    """Create an independent copy of a company as it is now, with the same users, while they go on working."""
    with installation.platform() as platform:
        found = named(platform, name)
        with platform.operations.backups.temporary(found.id, by=operator()) as file:
            restored = platform.operations.restorer.as_new(
                file,
                new_name,
                owner=_owner_id(platform, owner),
                expires_at=now() + expires if expires else None,
                is_neutral=is_neutral,
            )
    installation.concerns(restored.tenant_id)
    _print(restored, as_json=as_json)


def _restore_into(
    platform: Platform, file: Path, into: str, trust: Trust, *, is_confirmed: bool, as_json: bool
) -> None:
    company, manifest = named(platform, into), platform.operations.backups.read(file, trust)
    if not is_confirmed:
        click.confirm(f"Restore {company.slug} to {moment(manifest.made_at)} UTC?", abort=True, err=True)
    platform.operations.restorer.into(file, company.id, trust)
    if as_json:
        answer = {"id": company.id, "slug": company.slug, "made_at": manifest.made_at}
        print_json(answer)
    else:
        click.echo(f"Restored {company.slug} to {moment(manifest.made_at)} UTC.")


def _owner_id(platform: Platform, owner: Email | None) -> str | None:
    if owner is None:
        return None
    with platform.databases.catalog.reading() as reader:
        person = users.find(reader, owner.key)
    if person is None:
        raise OperatorError(f"There is no user {owner.address}.")
    return person.id


def _print(restored: RestoredCompany, *, as_json: bool) -> None:
    if as_json:
        print_json(with_id(restored))
    else:
        click.echo(f"Created {restored.slug}.")
