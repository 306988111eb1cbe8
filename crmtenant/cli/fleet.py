"""The fleet in the terminal, live; and the accounts of the fleet's page."""

from __future__ import annotations

import sys

import click

from crmtenant.cli.arguments import LINE, SECONDS, password_option, read_password
from crmtenant.cli.company import as_json_option, yes_option
from crmtenant.cli.fleet_screen import SORTS, as_document, print_fleet, watch
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import print_answer, print_json
from crmtenant.services.monitoring.survey import FleetSurvey


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="""\b
    Examples:
      crmtenant fleet                      live, until Ctrl-C
      crmtenant fleet --once --sort drift
      crmtenant fleet --json | jq '.companies[] | select(.drift)'
      crmtenant fleet account add mara     for the fleet's page
    """,
)
@click.option("--once", is_flag=True, help="Print it once and end.")
@click.option(
    "--sort",
    type=click.Choice(list(SORTS)),
    default="company",
    show_default=True,
    help="Order of the companies.",
)
@click.option(
    "--interval",
    type=SECONDS,
    default=2.0,
    show_default=True,
    help="Seconds between two looks.",
)
@as_json_option
@click.pass_context
def fleet(context: click.Context, once: bool, sort: str, interval: float, as_json: bool) -> None:
    """Show the fleet: servers with room, what is being done, and every company with what is odd about it."""
    if context.invoked_subcommand is not None:
        return
    with context.obj.platform() as platform:
        survey = FleetSurvey(platform.databases.catalog, platform.operations.servers)
        if as_json:
            print_json(as_document(survey.look(), sort))
        elif once or not sys.stdout.isatty():
            print_fleet(survey.look(), sort)
        else:
            watch(survey.look, sort, interval)


@fleet.group(
    cls=Commands, epilog="\b\nExamples:\n  crmtenant fleet account add mara\n  crmtenant fleet account list"
)
def account() -> None:
    """Manage who may look at the fleet's page (`fleet_listen`)."""


@account.command(
    epilog="""\b
    Examples:
      crmtenant fleet account add mara
      pass show crm/mara | crmtenant fleet account add mara --password-stdin
    """
)
@click.argument("name", type=LINE)
@password_option
@as_json_option
@pass_installation
def add(installation: Context, name: str, password_stdin: bool, as_json: bool) -> None:
    """Add an account. The password is asked for, never an argument, which others on the machine would see."""
    with installation.platform() as platform:
        platform.identity.operator_accounts.add(name, read_password("Password", is_piped=password_stdin))
    _tell(as_json, name, f"Added {name}.")


@account.command("password", epilog="\b\nExamples:\n  crmtenant fleet account password mara")
@click.argument("name", type=LINE)
@password_option
@as_json_option
@pass_installation
def set_password(installation: Context, name: str, password_stdin: bool, as_json: bool) -> None:
    """Give an account another password; who is signed in with it is out at once."""
    with installation.platform() as platform:
        platform.identity.operator_accounts.set_password(
            name, read_password("Password", is_piped=password_stdin)
        )
    _tell(as_json, name, f"{name} has another password.")


def _tell(as_json: bool, name: str, text: str) -> None:
    print_answer({"name": name}, text, as_json=as_json)


@account.command(epilog="\b\nExamples:\n  crmtenant fleet account remove mara --yes")
@click.argument("name", type=LINE)
@yes_option
@as_json_option
@pass_installation
def remove(installation: Context, name: str, yes: bool, as_json: bool) -> None:
    """Remove an account; it is signed out at once."""
    with installation.platform() as platform:
        if not yes:
            click.confirm(f"Remove {name}?", abort=True, err=True)
        platform.identity.operator_accounts.remove(name)
    _tell(as_json, name, f"Removed {name}.")


@account.command("list", epilog="\b\nExamples:\n  crmtenant fleet account list --json")
@as_json_option
@pass_installation
def list_accounts(installation: Context, as_json: bool) -> None:
    """List the accounts."""
    with installation.platform() as platform:
        names = platform.identity.operator_accounts.names()
    if as_json:
        print_json(names)
    elif names:
        click.echo("\n".join(names))
    else:
        click.echo("There are no accounts yet.", err=True)
