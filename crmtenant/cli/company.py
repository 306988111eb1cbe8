"""The companies of an installation: seeing them, making them, and leading them to their end."""

from __future__ import annotations

import getpass
import sys
from dataclasses import asdict
from datetime import datetime, timedelta

import click
import orjson

from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import moment, print_table, size
from crmtenant.errors import Invalid, OperatorError
from crmtenant.platform import Platform
from crmtenant.services.fleet.overview import Overview, overview
from crmtenant.services.identity.users import read_email
from crmtenant.services.tenants.lifecycle import GRACE
from crmtenant.services.tenants.registration_rows import NewCompany
from crmtenant.text.emails import Email

COLUMNS = ("company", "state", "size", "users", "last used", "schema", "last proven backup", "name")

as_json_option = click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


@click.group(
    cls=Commands,
    epilog="""\b
    Examples:
      crmtenant company list
      crmtenant company suspend northwind
      crmtenant company delete northwind --days 7
    """,
)
def company() -> None:
    """Look after companies: list, create, suspend, resume, rename, delete, undelete, purge."""


def named(platform: Platform, name: str) -> Overview:
    """The company with this slug or id; `OperatorError` if there is none."""
    found = overview(platform.databases.catalog, platform.operations.servers, name)
    if not found:
        raise OperatorError(f"There is no company {name}.")
    return found[0]


def operator() -> str:
    """Who gives this command, for the records."""
    return f"operator {getpass.getuser()}"


@company.command("list", epilog="\b\nExamples:\n  crmtenant company list --json | jq '.[].slug'")
@as_json_option
@pass_installation
def list_companies(installation: Context, as_json: bool) -> None:
    """List every company: state, size, people, last use, schema revision, newest proven backup."""
    with installation.platform() as platform:
        found = overview(platform.databases.catalog, platform.operations.servers)
    if as_json:
        click.echo(orjson.dumps([_public(one) for one in found], option=orjson.OPT_INDENT_2))
    elif found:
        print_table(COLUMNS, [_row(one) for one in found])
    else:
        click.echo("There is no company yet.", err=True)


@company.command(epilog="\b\nExamples:\n  crmtenant company show northwind")
@click.argument("name", metavar="COMPANY")
@as_json_option
@pass_installation
def show(installation: Context, name: str, as_json: bool) -> None:
    """Show one company, by slug or id."""
    with installation.platform() as platform:
        found = _public(named(platform, name))
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    for key, value in found.items():
        shown = f"{moment(value)} UTC" if isinstance(value, datetime) else value
        click.echo(f"{key:16} {'-' if shown is None else shown}")


@company.command(
    epilog="""\b
    Examples:
      crmtenant company create Northwind --owner "Anna Berg" --email anna@northwind.example
      pass show crm/anna | crmtenant company create Northwind --owner "Anna Berg" --email ... --password-stdin
    """
)
@click.argument("name")
@click.option("--owner", required=True, metavar="NAME", help="The owner's own name.")
@click.option("--email", required=True, help="What the owner signs in with.")
@click.option("--password-stdin", is_flag=True, help="The password is standard input's first line.")
@as_json_option
@pass_installation
def create(
    installation: Context, name: str, owner: str, email: str, password_stdin: bool, as_json: bool
) -> None:
    """Make a company and the login of its owner."""
    password = _password(is_piped=password_stdin)
    with installation.platform() as platform:
        field_error = platform.identity.passwords.field_error(password, [owner, email, name])
        if field_error:
            raise OperatorError(field_error.detail)
        address = email_of(email)
        made = platform.tenants.registrar.register(
            NewCompany(
                company_name=name,
                person_name=owner,
                email=address.address,
                email_key=address.key,
                password_hash=platform.identity.passwords.hash(password),
            )
        )
    answer = {"id": made.tenant_id, "slug": made.slug}
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2) if as_json else f"{made.slug} is there.")


@company.command(epilog="\b\nExamples:\n  crmtenant company suspend northwind")
@click.argument("name", metavar="COMPANY")
@as_json_option
@pass_installation
def suspend(installation: Context, name: str, as_json: bool) -> None:
    """Shut a company: nobody gets in, and every session in its database ends, within a second."""
    with installation.platform() as platform:
        platform.operations.lifecycle.suspend(named(platform, name).id)
        _tell(platform, name, "is suspended", as_json=as_json)


@company.command(epilog="\b\nExamples:\n  crmtenant company resume northwind")
@click.argument("name", metavar="COMPANY")
@as_json_option
@pass_installation
def resume(installation: Context, name: str, as_json: bool) -> None:
    """Serve a suspended company again."""
    with installation.platform() as platform:
        platform.operations.lifecycle.resume(named(platform, name).id)
        _tell(platform, name, "is served again", as_json=as_json)


@company.command(
    epilog="\b\nExamples:\n  crmtenant company rename northwind --name 'North Wind' --slug north-wind"
)
@click.argument("name", metavar="COMPANY")
@click.option("--name", "new_name", help="What it is called.")
@click.option("--slug", help="What it is called in addresses and commands.")
@as_json_option
@pass_installation
def rename(installation: Context, name: str, new_name: str | None, slug: str | None, as_json: bool) -> None:
    """Call a company something else."""
    if not new_name and not slug:
        raise click.UsageError("Give --name, --slug or both.")
    with installation.platform() as platform:
        found = named(platform, name)
        platform.operations.lifecycle.rename(found.id, name=new_name, slug=slug)
        _tell(platform, found.id, "is its slug now", as_json=as_json)


@company.command(
    epilog="""\b
    Examples:
      crmtenant company delete northwind             closed at once, purged after 30 days
      crmtenant company delete northwind --days 0 --yes
    """
)
@click.argument("name", metavar="COMPANY")
@click.option(
    "--days", default=GRACE.days, show_default=True, type=click.IntRange(0, 3650), help="Until it is purged."
)
@yes_option
@as_json_option
@pass_installation
def delete(installation: Context, name: str, days: int, yes: bool, as_json: bool) -> None:
    """Close a company, to be purged later; until then `undelete` brings it back as it was."""
    with installation.platform() as platform:
        found = named(platform, name)
        _ask(f"Close {found.slug} ({found.users} people, {size(found.size_bytes)})?", is_sure=yes)
        until = platform.operations.lifecycle.delete(found.id, timedelta(days=days))
        _tell(platform, name, f"is closed and will be purged after {moment(until)} UTC", as_json=as_json)


@company.command(epilog="\b\nExamples:\n  crmtenant company undelete northwind")
@click.argument("name", metavar="COMPANY")
@as_json_option
@pass_installation
def undelete(installation: Context, name: str, as_json: bool) -> None:
    """Bring back a company that was deleted, but not purged."""
    with installation.platform() as platform:
        platform.operations.lifecycle.undelete(named(platform, name).id)
        _tell(platform, name, "is served again", as_json=as_json)


@company.command(
    epilog="""\b
    Examples:
      crmtenant company purge northwind          once its day has come
      crmtenant company purge northwind --now
    """
)
@click.argument("name", metavar="COMPANY")
@click.option("--now", "is_now", is_flag=True, help="Do not wait for its day.")
@click.option("--no-backup", is_flag=True, help="Even if no last backup can be made and proven.")
@yes_option
@as_json_option
@pass_installation
def purge(installation: Context, name: str, is_now: bool, no_backup: bool, yes: bool, as_json: bool) -> None:
    """Destroy a company that was deleted: its database, its role, and people who are nowhere else.

    A last backup is made and proven before; what it was called and its SHA-256 are kept with the receipt.
    """
    with installation.platform() as platform:
        found = named(platform, name)
        _ask(f"Destroy {found.slug} for good?", is_sure=yes)
        receipt = platform.operations.lifecycle.purge(
            found.id, by=operator(), is_due_only=not is_now, is_saved=not no_backup
        )
    if as_json:
        click.echo(orjson.dumps(asdict(receipt), option=orjson.OPT_INDENT_2))
        return
    saved = receipt.last_backup_sha256 or "none was ever proven"
    click.echo(f"{receipt.slug} is gone, with {receipt.people_removed} people. Last backup: {saved}.")


def _ask(question: str, *, is_sure: bool) -> None:
    if not is_sure:
        click.confirm(question, abort=True, err=True)


def _tell(platform: Platform, name: str, what: str, *, as_json: bool) -> None:
    found = named(platform, name)
    if as_json:
        click.echo(orjson.dumps(_public(found), option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"{found.slug} {what}.")


def _password(*, is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\n")
    password: str = click.prompt("The owner's password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def email_of(text: str) -> Email:
    """The address in its one spelling; `OperatorError` when it is none."""
    try:
        return read_email(text)
    except Invalid as problem:
        raise OperatorError(problem.field_errors[0].detail) from None


def _public(found: Overview) -> dict[str, object]:
    """What may be told of a company: all but where its database is."""
    return {key: value for key, value in asdict(found).items() if key != "database"}


def _row(found: Overview) -> tuple[str, ...]:
    return (
        found.slug,
        found.state,
        size(found.size_bytes),
        str(found.users),
        moment(found.used_at),
        found.schema_revision or "-",
        moment(found.proven_at),
        found.name,
    )
