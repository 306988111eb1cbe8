"""The companies of an installation: listing, creating, changing, deleting and purging them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import click

from crmtenant.cli.arguments import COMPANY, EMAIL, LINE, SLUG, password_option, read_password
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import moment, print_answer, print_json, print_table, size
from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.services.monitoring.journal import operator_name
from crmtenant.services.monitoring.overview import CompanyOverview, overview
from crmtenant.services.tenants.lifecycle import GRACE
from crmtenant.services.tenants.registration_rows import NewCompany
from crmtenant.text.emails import Email

COLUMNS = ("company", "state", "size", "users", "last used", "schema", "last proven backup", "name")

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")


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
    """Manage companies: list, create, suspend, resume, rename, delete, undelete, purge."""


def named(platform: Platform, name: str) -> CompanyOverview:
    """Return the company with this slug or id. Raises `OperatorError` if there is none."""
    found = overview(platform.databases.catalog, platform.operations.servers, name)
    if not found:
        raise OperatorError(f"There is no company {name}.")
    return found[0]


def operator() -> str:
    """Return who runs this command, for the records."""
    return f"operator {operator_name()}"


@company.command("list", epilog="\b\nExamples:\n  crmtenant company list --json | jq '.[].slug'")
@as_json_option
@pass_installation
def list_companies(installation: Context, as_json: bool) -> None:
    """List every company: state, size, users, last use, schema revision, last proven backup."""
    with installation.platform() as platform:
        found = overview(platform.databases.catalog, platform.operations.servers)
    if as_json:
        print_json([_public(one) for one in found])
    elif found:
        print_table(COLUMNS, [_row(one) for one in found])
    else:
        click.echo("There are no companies yet.", err=True)


@company.command(epilog="\b\nExamples:\n  crmtenant company show northwind")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@as_json_option
@pass_installation
def show(installation: Context, name: str, as_json: bool) -> None:
    """Show one company, by slug or id."""
    with installation.platform() as platform:
        found = _public(named(platform, name))
    if as_json:
        print_json(found)
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
@click.argument("name", type=LINE)
@click.option("--owner", required=True, type=LINE, metavar="NAME", help="The owner's name.")
@click.option("--email", type=EMAIL, required=True, help="The e-mail address the owner signs in with.")
@password_option
@as_json_option
@pass_installation
def create(
    installation: Context, name: str, owner: str, email: Email, password_stdin: bool, as_json: bool
) -> None:
    """Create a company and the login of its owner."""
    password = read_password("The owner's password", is_piped=password_stdin)
    with installation.platform() as platform:
        field_error = platform.identity.passwords.field_error(password, [owner, email.address, name])
        if field_error:
            raise OperatorError(field_error.detail)
        created = platform.tenants.registrar.register(
            NewCompany(
                company_name=name,
                person_name=owner,
                email=email.address,
                email_key=email.key,
                password_hash=platform.identity.passwords.hash(password),
            )
        )
    installation.concerns(created.tenant_id)
    answer = {"id": created.tenant_id, "slug": created.slug}
    print_answer(answer, f"Created {created.slug}.", as_json=as_json)


@company.command(epilog="\b\nExamples:\n  crmtenant company suspend northwind")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@as_json_option
@pass_installation
def suspend(installation: Context, name: str, as_json: bool) -> None:
    """Suspend a company: nobody can sign in, and every session in its database ends, within a second."""
    with installation.platform() as platform:
        platform.operations.lifecycle.suspend(named(platform, name).id)
        _print(platform, name, "is suspended", as_json=as_json)


@company.command(epilog="\b\nExamples:\n  crmtenant company resume northwind")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@as_json_option
@pass_installation
def resume(installation: Context, name: str, as_json: bool) -> None:
    """Resume a suspended company."""
    with installation.platform() as platform:
        platform.operations.lifecycle.resume(named(platform, name).id)
        _print(platform, name, "is active again", as_json=as_json)


@company.command(
    epilog="\b\nExamples:\n  crmtenant company rename northwind --name 'North Wind' --slug north-wind"
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option("--name", "new_name", type=LINE, help="The new name.")
@click.option("--slug", type=SLUG, help="The new slug, used in URLs and commands.")
@as_json_option
@pass_installation
def rename(installation: Context, name: str, new_name: str | None, slug: str | None, as_json: bool) -> None:
    """Rename a company, change its slug, or both."""
    if not new_name and not slug:
        raise click.UsageError("Give --name, --slug or both.")
    with installation.platform() as platform:
        found = named(platform, name)
        platform.operations.lifecycle.rename(found.id, name=new_name, slug=slug)
        _print(platform, found.id, "is the slug now", as_json=as_json)


@company.command(
    epilog="""\b
    Examples:
      crmtenant company delete northwind             closed at once, purged after 30 days
      crmtenant company delete northwind --days 0 --yes
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option(
    "--days",
    default=GRACE.days,
    show_default=True,
    type=click.IntRange(0, 3650),
    help="Days until it is purged.",
)
@yes_option
@as_json_option
@pass_installation
def delete(installation: Context, name: str, days: int, yes: bool, as_json: bool) -> None:
    """Close a company and schedule it to be purged; until then `undelete` restores it unchanged."""
    with installation.platform() as platform:
        found = named(platform, name)
        _confirm(f"Delete {found.slug} ({found.users} users, {size(found.size_bytes)})?", is_confirmed=yes)
        until = platform.operations.lifecycle.delete(found.id, timedelta(days=days))
        _print(platform, name, f"is closed and will be purged after {moment(until)} UTC", as_json=as_json)


@company.command(epilog="\b\nExamples:\n  crmtenant company undelete northwind")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@as_json_option
@pass_installation
def undelete(installation: Context, name: str, as_json: bool) -> None:
    """Restore a company that was deleted but not purged."""
    with installation.platform() as platform:
        platform.operations.lifecycle.undelete(named(platform, name).id)
        _print(platform, name, "is active again", as_json=as_json)


@company.command(
    epilog="""\b
    Examples:
      crmtenant company purge northwind          once it is due
      crmtenant company purge northwind --now
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option("--now", "is_now", is_flag=True, help="Do not wait until it is due.")
@click.option("--no-backup", is_flag=True, help="Even if no last backup can be made and proven.")
@yes_option
@as_json_option
@pass_installation
def purge(installation: Context, name: str, is_now: bool, no_backup: bool, yes: bool, as_json: bool) -> None:
    """Purge a deleted company: its database, its role, and the logins of users who belong to no other company.

    A last backup is made and proven before; its file name and SHA-256 are recorded in the receipt.
    """
    with installation.platform() as platform:
        found = named(platform, name)
        _confirm(f"Purge {found.slug}? This cannot be undone.", is_confirmed=yes)
        receipt = platform.operations.lifecycle.purge(
            found.id, by=operator(), is_due_only=not is_now, is_saved=not no_backup
        )
    if as_json:
        print_json(with_id(receipt))
        return
    last_backup = receipt.last_backup_sha256 or "none was proven"
    click.echo(f"Purged {receipt.slug} and {receipt.people_removed} logins. Last backup: {last_backup}.")


def _confirm(question: str, *, is_confirmed: bool) -> None:
    if not is_confirmed:
        click.confirm(question, abort=True, err=True)


def _print(platform: Platform, name: str, outcome: str, *, as_json: bool) -> None:
    found = named(platform, name)
    if as_json:
        print_json(_public(found))
    else:
        click.echo(f"{found.slug} {outcome}.")


def with_id(answer: Any) -> dict[str, object]:
    """Return the fields of a dataclass about a company, whose id is called so."""
    fields = asdict(answer)
    return {"id": fields.pop("tenant_id"), **fields}


def _public(found: CompanyOverview) -> dict[str, object]:
    """Return what may be shown of a company: everything but the name of its database."""
    return {key: value for key, value in asdict(found).items() if key != "database"}


def _row(found: CompanyOverview) -> tuple[str, ...]:
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
