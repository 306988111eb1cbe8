"""The `crmtenant` command, for operators: one file per noun, each with its `click` commands.

A command reads its arguments, calls services or inspects the application, and prints: a table for people, plain
lines for pipes, JSON with `--json`. An error that an operator can fix is one sentence with exit code 1, wrong usage
has exit code 2; tracebacks are for `--debug`.
"""

from __future__ import annotations

import click

from crmtenant.cli.arguments import ANY_FILE
from crmtenant.cli.backup import backup
from crmtenant.cli.catalog import catalog
from crmtenant.cli.company import company
from crmtenant.cli.deploy import deploy
from crmtenant.cli.doctor import doctor
from crmtenant.cli.export import export
from crmtenant.cli.fleet import fleet
from crmtenant.cli.journal import journal
from crmtenant.cli.migrate import migrate
from crmtenant.cli.migrate_back import migrate_back
from crmtenant.cli.openapi import openapi
from crmtenant.cli.quota import quota
from crmtenant.cli.receipts import receipts
from crmtenant.cli.restore import clone, restore, undo_restore
from crmtenant.cli.root import Context, Root
from crmtenant.cli.secrets import secrets
from crmtenant.cli.server import move, server
from crmtenant.cli.support import support
from crmtenant.cli.usage import top
from crmtenant.cli.views import views
from crmtenant.cli.worker import worker


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
    Examples:
      crmtenant company list                  every company: size, activity, backups
      crmtenant fleet                         servers, companies and jobs, live
      crmtenant backup --all                  back up every company and prove each backup
      crmtenant migrate --all --dry-run
      crmtenant move northwind --to berlin2   to another PostgreSQL server, while people work
      crmtenant views                         every URL with its methods and permissions
      crmtenant views --json | jq '.[].path'
      crmtenant openapi --output openapi.json
      crmtenant --config production.ini views
    """,
)
@click.version_option(package_name="crmtenant", prog_name="crmtenant")
@click.option(
    "--config",
    "-c",
    type=ANY_FILE,
    default="development.ini",
    show_default=True,
    envvar="CRMTENANT_CONFIG",
    show_envvar=True,
    metavar="FILE",
    help="The ini file of the installation.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def main(context: click.Context, config: str, debug: bool) -> None:
    """Run and inspect a crmtenant installation."""
    context.obj = Context(config, debug)


company.add_command(clone)
company.add_command(export)
company.add_command(quota)
company.add_command(top)
company.add_command(undo_restore)
migrate.add_command(migrate_back)
main.add_command(backup)
main.add_command(catalog)
main.add_command(clone)
main.add_command(company)
main.add_command(deploy)
main.add_command(doctor)
main.add_command(fleet)
main.add_command(journal)
main.add_command(migrate)
main.add_command(move)
main.add_command(openapi)
main.add_command(receipts)
main.add_command(restore)
main.add_command(secrets)
main.add_command(server)
main.add_command(support)
main.add_command(views)
main.add_command(worker)
