"""How much companies may have."""

from __future__ import annotations

from typing import Any

import click

from crmtenant.cli.arguments import BYTES, COMPANY, DEFAULT, NONE, ROWS, SEATS
from crmtenant.cli.company import as_json_option
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import print_json, print_table, size
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.usage import QUOTAS
from crmtenant.platform import Platform
from crmtenant.services.identity.quotas import QuotaUse
from crmtenant.worker import measuring_of

COLUMNS = ("quota", "used", "of", "share", "from")


@click.command(
    epilog="""\b
    Examples:
      crmtenant company quota northwind                        what it has, and may have
      crmtenant company quota northwind --bytes 5GB --seats 20
      crmtenant company quota northwind --rows none            no limit of rows, whatever the settings say
      crmtenant company quota northwind --seats default        what the settings say
      crmtenant company quota northwind --none                 no limits at all
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option("--bytes", "most_bytes", type=BYTES, help="Of the database, such as 5GB, none or default.")
@click.option(
    "--rows",
    "most_rows",
    type=ROWS,
    help="Rows that are not in the trash, none or default.",
)
@click.option(
    "--seats",
    "most_seats",
    type=SEATS,
    help="Members and open invitations, none or default.",
)
@click.option("--none", "is_none", is_flag=True, help="No limits at all.")
@as_json_option
@pass_installation
def quota(
    installation: Context,
    name: str,
    most_bytes: Any,
    most_rows: Any,
    most_seats: Any,
    is_none: bool,
    as_json: bool,
) -> None:
    """Show what a company has and may have, measured now, and set its quotas.

    Beyond a quota nothing can be added: 507 for bytes, 403 for rows and seats. Reading, changing, exporting and deleting
    always go on. Owners are told by mail at 80 % and at 100 %.
    """
    given = dict(zip(QUOTAS, (most_bytes, most_rows, most_seats), strict=True))
    asked = {kind: value for kind, value in given.items() if value is not None}
    if is_none and asked:
        raise click.UsageError("--none is for all quotas; for one of them give it as value: --rows none.")
    if is_none:
        asked = dict.fromkeys(QUOTAS, NONE)
    with installation.platform() as platform:
        company = platform.tenants.companies.find(name)
        if company is None:
            raise OperatorError(f"There is no company {name}.")
        quotas = platform.identity.quotas
        if asked:
            own = {
                kind: None if value == NONE else value for kind, value in asked.items() if value != DEFAULT
            }
            quotas.set(company.id, own, frozenset(asked.keys() - own.keys()))
        found = _measured(platform, company.id)
    rows = [_public(kind, found) for kind in QUOTAS]
    if as_json:
        answer = {"id": company.id, "slug": company.slug, "measured_at": found.measured_at, "quotas": rows}
        print_json(answer)
    else:
        print_table(COLUMNS, [_row(row) for row in rows])


def _measured(platform: Platform, company_id: str) -> QuotaUse:
    """Measure the company, which tells its owners too, and return what it has; what it last had if it is away."""
    measuring_of(platform).measure(company_id)
    return platform.identity.quotas.use(company_id)


def _public(kind: str, found: QuotaUse) -> dict[str, Any]:
    return {
        "kind": kind,
        "used": found.used(kind),
        "limit": getattr(found.limits, kind),
        "percent": found.percent(kind),
        "is_own": kind in found.own,
    }


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    shown = size if row["kind"] == "bytes" else _count
    return (
        row["kind"],
        shown(row["used"]),
        shown(row["limit"]) if row["limit"] is not None else "no limit",
        "-" if row["percent"] is None else f"{row['percent']} %",
        "the company" if row["is_own"] else "the settings",
    )


def _count(number: int | None) -> str:
    return "-" if number is None else str(number)
