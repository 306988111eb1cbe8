"""Examining an installation and repairing it."""

from __future__ import annotations

import click

from crmtenant.cli.arguments import COMPANY
from crmtenant.cli.progress import progress
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import print_json, print_table
from crmtenant.services.doctor.examine import examine, repair
from crmtenant.services.doctor.finding import Finding

FINDINGS_REMAIN = 3


@click.command(
    epilog="""\b
    Examples:
      crmtenant doctor
      crmtenant doctor --fix
      crmtenant doctor --company northwind --json
    \b
    Exit codes: 0 healthy (notes do not count), 1 could not be examined, 3 there are problems or warnings.
    """
)
@click.option("--fix", "is_fixing", is_flag=True, help="Repair what can be repaired without destroying data.")
@click.option("--company", "slug", type=COMPANY, metavar="SLUG", help="Examine only this company.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@pass_installation
def doctor(installation: Context, is_fixing: bool, slug: str | None, as_json: bool) -> None:
    """Check the catalog, databases, roles, schemas and backups, and report problems."""
    with installation.platform() as platform:
        operations, spares = platform.operations, platform.settings.spares
        if slug is not None:
            operations.role_password_rotation.companies(slug)
        with progress("Examining", len(operations.servers.all()), is_quiet=as_json) as advance:
            found = examine(operations, spares, slug, advance)
        if is_fixing and any(finding.fix for finding in found):
            repair(found)
            found = examine(operations, spares, slug)
    _print(found, as_json=as_json)
    if any(finding.severity != "note" for finding in found):
        raise SystemExit(FINDINGS_REMAIN)


def _print(found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        print_json([_public(finding) for finding in found])
    elif found:
        rows = [(one.severity, one.check, one.about or "-", one.meaning, _repair(one)) for one in found]
        print_table(("severity", "check", "about", "what it means", "repair"), rows)
    else:
        click.echo("No problems found.")


def _repair(finding: Finding) -> str:
    return f"{finding.repair} (--fix does it)" if finding.fix else finding.repair


def _public(finding: Finding) -> dict[str, object]:
    names = ("check", "about", "severity", "meaning", "repair")
    return {**{name: getattr(finding, name) for name in names}, "can_fix": finding.fix is not None}
