"""Bringing companies back from backups, and making copies of them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import click
import orjson

from crmtenant.cli.company import as_json_option, email_of, named, operator, yes_option
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import moment
from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.services.backups.manifests import read_manifest
from crmtenant.services.backups.restoring import Arrived
from crmtenant.services.identity import users

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> timedelta:
        """The time span that `14d`, `12h` or `2w` means."""
        match = re.fullmatch(r"([1-9]\d{0,3})([hdw])", value)
        if match is None:
            self.fail("expected a number and h, d or w, such as 14d", param, context)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command(
    epilog="""\b
    Examples:
      crmtenant restore northwind-20261126T031500Z-3f9a1c.json --into northwind
      crmtenant restore northwind-20261126T031500Z-3f9a1c.json --as "Northwind before the import"
    """
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--into", metavar="COMPANY", help="The company that becomes what the backup says.")
@click.option("--as", "new_name", metavar="NAME", help="What the new company made of it is called.")
@click.option("--owner", metavar="EMAIL", help="With --as: somebody who will own it.")
@yes_option
@as_json_option
@pass_installation
def restore(
    installation: Context,
    file: Path,
    into: str | None,
    new_name: str | None,
    owner: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring a company back as it was, or make a new one of its backup.

    It is restored into a new database, compared with its manifest, migrated if it is older, and only then
    takes the old one's place; until that moment nothing happens to the company. The old database is kept for
    a day. Whatever was written since the backup is not in the company any more.
    """
    if (into is None) == (new_name is None):
        raise click.UsageError("Say either --into or --as.")
    with installation.platform() as platform:
        if into is not None:
            _restore_into(platform, file, into, is_sure=yes, as_json=as_json)
        else:
            arrived = platform.operations.restorer.as_new(
                file, new_name or "", owner=_owner_id(platform, owner)
            )
            _tell(arrived, as_json=as_json)


@click.command("undo-restore", epilog="\b\nExamples:\n  crmtenant company undo-restore northwind")
@click.argument("name", metavar="COMPANY")
@yes_option
@as_json_option
@pass_installation
def undo_restore(installation: Context, name: str, yes: bool, as_json: bool) -> None:
    """Make a company again what it was before it was last restored, at most a day ago.

    What was written since the restore is then kept for a day in its turn.
    """
    with installation.platform() as platform:
        company = named(platform, name)
        if not yes:
            click.confirm(f"Undo the last restore of {company.slug}?", abort=True, err=True)
        platform.operations.restorer.undo(company.id)
    answer = {"id": company.id, "slug": company.slug}
    click.echo(
        orjson.dumps(answer, option=orjson.OPT_INDENT_2)
        if as_json
        else f"{company.slug} is what it was before it was restored."
    )


@click.command(
    epilog="""\b
    Examples:
      crmtenant clone northwind --as "Northwind training"
      crmtenant clone northwind --as "Northwind trial" --expires 14d --neutralise
    """
)
@click.argument("name", metavar="COMPANY")
@click.option("--as", "new_name", metavar="NAME", required=True, help="What the copy is called.")
@click.option("--expires", type=_Duration(), metavar="TIME", help="Delete it after a time such as 14d.")
@click.option(
    "--owner", metavar="EMAIL", help="Somebody who will own it, besides those who own the original."
)
@click.option("--neutralise", "is_neutral", is_flag=True, help="The copy sends no mails.")
@as_json_option
@pass_installation
def clone(
    installation: Context,
    name: str,
    new_name: str,
    expires: timedelta | None,
    owner: str | None,
    is_neutral: bool,
    as_json: bool,
) -> None:
    """Make an independent copy of a company as it is now, with the same people, while they go on working."""
    with installation.platform() as platform:
        found = named(platform, name)
        with platform.operations.backups.passing(found.id, by=operator()) as file:
            arrived = platform.operations.restorer.as_new(
                file,
                new_name,
                owner=_owner_id(platform, owner),
                expires_at=now() + expires if expires else None,
                is_neutral=is_neutral,
            )
    _tell(arrived, as_json=as_json)


def _restore_into(platform: Platform, file: Path, into: str, *, is_sure: bool, as_json: bool) -> None:
    company, manifest = named(platform, into), read_manifest(file)
    if not is_sure:
        click.confirm(
            f"Replace {company.slug} by what it was on {moment(manifest.made_at)} UTC?", abort=True, err=True
        )
    platform.operations.restorer.into(file, company.id)
    if as_json:
        answer = {"id": company.id, "slug": company.slug, "made_at": manifest.made_at}
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"{company.slug} is what it was on {moment(manifest.made_at)} UTC.")


def _owner_id(platform: Platform, address: str | None) -> str | None:
    if address is None:
        return None
    with platform.databases.catalog.reading() as reader:
        person = users.find(reader, email_of(address).key)
    if person is None:
        raise OperatorError(f"Nobody signs in as {address}.")
    return person.id


def _tell(arrived: Arrived, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(arrived, option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"{arrived.slug} is there.")
