"""Support access: entering a company that granted it, and taking it in an emergency."""

from __future__ import annotations

import os
import pwd
from datetime import datetime

import click

from crmtenant.cli.arguments import CODE, COMPANY, LINE
from crmtenant.cli.company import as_json_option, named
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import moment, print_answer, print_json, print_table
from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.services.identity.support_rows import Grant
from crmtenant.services.support.break_glass import CODE_VALIDITY, MOST_HOURS

COLUMNS = ("granted", "until", "by", "role", "state", "visits", "reason")


@click.group(
    cls=Commands,
    epilog="""\b
    Examples:
      crmtenant support list northwind
      crmtenant support enter northwind --ticket 123
      crmtenant support enter northwind --ticket 123 --break-glass --reason "Invoices are lost"
    """,
)
def support() -> None:
    """Enter companies that granted support access, and see who did."""


@support.command(
    epilog="""\b
    Examples:
      crmtenant support enter northwind --ticket 123
      crmtenant support enter northwind --ticket 123 --name Mara
      crmtenant support enter northwind --ticket 123 --break-glass --reason "Invoices are lost"
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option("--ticket", required=True, type=LINE, help="The number of the case, for the records.")
@click.option(
    "--name",
    "shown_name",
    type=LINE,
    metavar="NAME",
    help="Your name as the company sees it. [default: system user]",
)
@click.option(
    "--break-glass", is_flag=True, help="Without a grant: a second operator confirms, owners are told."
)
@click.option("--reason", type=LINE, help="With --break-glass: why, as the owners read it.")
@click.option(
    "--role",
    type=click.Choice(["viewer", "admin"]),
    default="viewer",
    show_default=True,
    help="With --break-glass.",
)
@click.option(
    "--hours", type=click.IntRange(1, MOST_HOURS), default=1, show_default=True, help="With --break-glass."
)
@as_json_option
@pass_installation
def enter(
    installation: Context,
    name: str,
    ticket: str,
    shown_name: str | None,
    break_glass: bool,
    reason: str | None,
    role: str,
    hours: int,
    as_json: bool,
) -> None:
    """Print a link that opens the company once, within ten minutes, if one of its owners granted access.

    Whoever uses it is "Support (NAME)" there, and everything they do stands in the company's activity.
    """
    if break_glass and not reason:
        raise click.UsageError("--break-glass needs --reason, which the owners of the company read.")
    with installation.platform() as platform:
        company = named(platform, name)
        operator = system_user()
        link = platform.identity.support_visits.prepare(
            company.id, operator=shown_name or operator, ticket=ticket
        )
        if link is not None:
            address = platform.mail.token_link("/support", link.token)
            print_answer(
                {"link": address, "valid_until": link.valid_until},
                _link_text(address, link.valid_until),
                as_json=as_json,
            )
        elif break_glass:
            code = platform.identity.break_glass.ask(
                company.id, operator=operator, role=role, reason=reason or "", hours=hours
            )
            print_answer({"code": code}, _code_text(code), as_json=as_json)
        else:
            raise OperatorError(
                f"No owner of {company.slug} has granted support access, or it is over. They do so in their settings,"
                " under Support. In an emergency: --break-glass."
            )


@support.command(epilog="\b\nExamples:\n  crmtenant support confirm Q2x0ZXN0...")
@click.argument("code", type=CODE)
@as_json_option
@pass_installation
def confirm(installation: Context, code: str, as_json: bool) -> None:
    """Confirm, as the second operator, that a company is entered without a grant. All its owners get a mail."""
    with installation.platform() as platform:
        confirmed = platform.identity.break_glass.confirm(code, operator=system_user())
        company = named(platform, confirmed.tenant_id)
    told = (
        f"{confirmed.mails} owners get a mail"
        if confirmed.mails
        else "no mails are sent here: tell its owners yourself"
    )
    print_answer(
        {"id": company.id, "slug": company.slug, "until": confirmed.until, "mails": confirmed.mails},
        f"Access to {company.slug} is open until {moment(confirmed.until)} UTC; {told}.",
        as_json=as_json,
    )


@support.command("list", epilog="\b\nExamples:\n  crmtenant support list northwind --json")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@as_json_option
@pass_installation
def list_grants(installation: Context, name: str, as_json: bool) -> None:
    """List who granted support access to a company, and who came."""
    with installation.platform() as platform:
        found = platform.identity.support_grants.of_company(named(platform, name).id)
    if as_json:
        print_json(found)
    elif found:
        print_table(COLUMNS, [_row(grant) for grant in found])
    else:
        click.echo("Nobody granted support access yet.", err=True)


@support.command(epilog="\b\nExamples:\n  crmtenant support end northwind")
@click.argument("name", type=COMPANY, metavar="COMPANY")
@as_json_option
@pass_installation
def end(installation: Context, name: str, as_json: bool) -> None:
    """End every open support access to a company; who is there is out within a second."""
    with installation.platform() as platform:
        company = named(platform, name)
        ended = _end_all(platform, company.id)
    print_answer(
        {"id": company.id, "ended": ended}, f"Ended {ended} grants of {company.slug}.", as_json=as_json
    )


def _end_all(platform: Platform, tenant_id: str) -> int:
    grants = platform.identity.support_grants
    is_open = [grant for grant in grants.of_company(tenant_id) if grant.is_open]
    for grant in is_open:
        grants.revoke(tenant_id, grant.id, by=f"operator {system_user()}")
    return len(is_open)


def system_user() -> str:
    """Return the system user who runs this, also behind sudo; the environment's USER is not asked."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name


def _link_text(address: str, until: datetime) -> str:
    return f"{address}\nIt opens once, until {moment(until)} UTC. A private window keeps you signed in elsewhere."


def _code_text(code: str) -> str:
    minutes = int(CODE_VALIDITY.total_seconds() // 60)
    return (
        f"Another operator confirms within {minutes} minutes, under a system user of their own:\n"
        f"  crmtenant support confirm {code}\nThen run this command again."
    )


def _row(grant: Grant) -> tuple[str, ...]:
    state = "open" if grant.is_open else "revoked" if grant.revoked_at else "over"
    visits = ", ".join(f"{visit.name}{' (there)' if visit.is_there else ''}" for visit in grant.visits)
    by = "an owner" if grant.granted_by else "two operators"
    return moment(grant.created_at), moment(grant.until), by, grant.role, state, visits or "-", grant.reason
