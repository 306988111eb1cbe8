"""Exporting all of a company's data as one file, for an operator to hand over."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
from psycopg2 import OperationalError

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.cli.arguments import COMPANY, FILE
from crmtenant.cli.company import as_json_option
from crmtenant.cli.progress import progress
from crmtenant.cli.root import Context, pass_installation
from crmtenant.cli.tables import print_json, size
from crmtenant.db.pool.snapshot import Snapshot
from crmtenant.db.schema.migrations import head
from crmtenant.errors import OperatorError, Unavailable, sentence
from crmtenant.platform import Platform
from crmtenant.services.members import members
from crmtenant.services.tenants import companies
from crmtenant.services.tenants.companies import CompanyPlace
from crmtenant.services.transfer.company_export import (
    Exported,
    ExportedCompany,
    ExportedMember,
    batches_in,
    export_company,
)


@click.command(
    epilog="""\b
    Examples:
      crmtenant company export northwind
      crmtenant company export northwind --to /srv/handover/northwind.zip --json
    """
)
@click.argument("name", type=COMPANY, metavar="COMPANY")
@click.option(
    "--to",
    "target",
    type=FILE,
    metavar="FILE",
    help="The file to write. [default: COMPANY.zip]",
)
@as_json_option
@pass_installation
def export(installation: Context, name: str, target: Path | None, as_json: bool) -> None:
    """Export all of a company's data to a zip file, which an owner can import into an empty company.

    A suspended company stays suspended.
    """
    with installation.platform() as platform:
        with platform.databases.catalog.reading() as reader:
            found = companies.find(reader, name)
        if found is None or found.state == "deleted":
            raise OperatorError(f"There is no company {name}.")
        if found.state not in {"active", "suspended"}:
            raise OperatorError(
                f"{found.slug} is {found.state}; only an active or suspended company can be exported."
            )
        if found.schema_revision != head("tenant"):
            raise OperatorError(
                f"{found.slug} is at schema revision {found.schema_revision}, this release exports"
                f" {head('tenant')}: crmtenant migrate --company {found.slug}"
            )
        path = target or Path(f"{found.slug}.zip")
        if path.exists():
            raise OperatorError(f"{path} already exists.")
        exported = _write(platform, found, path, is_quiet=as_json)
    rows = sum(file.rows for file in exported.files.values())
    if as_json:
        answer = {
            "file": str(path),
            "bytes": path.stat().st_size,
            "id": found.id,
            "company": found.slug,
            "files": exported.files,
        }
        print_json(answer)
    else:
        click.echo(f"Exported {found.slug} to {path}: {rows} rows, {size(path.stat().st_size)}.")


def _write(platform: Platform, company: CompanyPlace, path: Path, *, is_quiet: bool) -> Exported:
    """Write the file, which gets its name only when it is complete; return what is in it."""
    with platform.databases.catalog.reading() as reader:
        found = members.find_all(reader, company.id)
    entities = entity_tree_of(ENTITIES).entities
    part = path.with_name(f"{path.name}.part")
    try:
        with (
            part.open("wb") as file,
            closing(_snapshot(platform, company)) as snapshot,
            progress("Exporting", batches_in(snapshot, entities), is_quiet=is_quiet) as advance,
        ):
            exported = export_company(
                snapshot,
                entities,
                ExportedCompany.of(company),
                ExportedMember.all_of(found),
                file,
                progress=lambda table, _: advance(table),
            )
    except OperationalError as problem:
        part.unlink(missing_ok=True)
        raise OperatorError(f"The database cannot be read: {sentence(problem)}") from None
    except Unavailable:
        part.unlink(missing_ok=True)
        raise OperatorError(
            "The database cannot be read now, or says that it is another company's: crmtenant doctor"
        ) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.rename(path)
    return exported


def _snapshot(platform: Platform, company: CompanyPlace) -> Snapshot:
    """Return a snapshot, read by the company's own role or, while that may not connect, by the database's owner."""
    if company.state == "active":
        return Snapshot(platform.databases.broker, platform.databases.addresses.of(company, company.id))
    servers = platform.operations.servers
    address = servers.of(company.server_id).address.admin(company.database)
    address = replace(address, company_id=company.id)
    return Snapshot(platform.databases.broker, address, role=servers.names.owner)
