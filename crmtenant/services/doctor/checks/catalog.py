"""Checks of the catalog: backups, schema revisions, leases, spares and mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crmtenant.clock import now
from crmtenant.db.schema.migrations import head, served_revisions
from crmtenant.models.catalog.tables import Backup, Mail, Server, Spare, Tenant
from crmtenant.services.doctor.finding import Finding

if TYPE_CHECKING:
    from crmtenant.services.operations import Operations

BACKUP_OVERDUE = timedelta(hours=26)

_LAST = select(func.max(Backup.made_at)).where(Backup.tenant_id == Tenant.id)
_COMPANIES = select(
    Tenant.slug,
    Tenant.state,
    Tenant.schema_revision,
    Tenant.migrating_until,
    Tenant.created_at,
    _LAST.where(Backup.proven_at.is_not(None), Backup.problem.is_(None)).scalar_subquery(),
    _LAST.scalar_subquery(),
).order_by(Tenant.slug)
_FAILED_MAILS = (
    select(func.count()).select_from(Mail).where(Mail.sent_at.is_(None), Mail.problem.is_not(None))
)
_SPARES = (
    select(Server.name, func.count(Spare.database))
    .outerjoin(
        Spare,
        (Spare.server_id == Server.id)
        & (Spare.state == "ready")
        & (Spare.revision == Server.template_revision),
    )
    .where(~Server.is_draining, Server.weight > 0)
    .group_by(Server.name)
)


def catalog_findings(operations: Operations, spares: int, slug: str | None = None) -> Iterator[Finding]:
    """Check backups, schema revisions and leases of companies and, unless one is named, spares and mails."""
    moment = now()
    with operations.catalog.reading() as reader:
        companies = reader.rows(_COMPANIES)
        ready = reader.rows(_SPARES)
        failed_mails = reader.rows(_FAILED_MAILS)[0][0]
    for row in companies:
        if slug in {None, row[0]} and row[1] in {"active", "suspended"}:
            yield from _company(operations, row, moment)
    if slug is not None:
        return
    for server, count in ready:
        if count < spares:
            yield Finding(
                "spares",
                server,
                "note",
                f"{count} of {spares} spare databases are ready; registering takes longer.",
                "Create them.",
                operations.spares(spares).top_up,
            )
    if failed_mails:
        yield Finding(
            "mail",
            "",
            "warning",
            f"{failed_mails} mails could not be sent.",
            "See the column problem of the catalog's table mail.",
        )


def _company(operations: Operations, row: tuple[Any, ...], moment: datetime) -> Iterator[Finding]:
    name, _, revision, until, created_at, proven, last = row
    if revision not in served_revisions():
        meaning = "The company is at another schema revision; its users are refused until it is migrated."
        yield Finding("revision", name, "problem", meaning, f"crmtenant migrate --company {name}")
    elif revision != head("tenant"):
        meaning = "The company is at an earlier schema revision, which this release serves as well."
        yield Finding("revision", name, "warning", meaning, f"crmtenant migrate --company {name}")
    if until is not None and until <= moment:
        meaning = "A migration or a move was interrupted and did not end its lease."
        yield Finding("lease", name, "warning", meaning, "End the lease.", operations.mover.release)
    if proven is None and last is not None:
        meaning = "None of its backups is proven; it may not be restorable."
        yield Finding("backup", name, "problem", meaning, f"crmtenant backup {name}")
    elif (proven or created_at) < moment - BACKUP_OVERDUE:
        meaning = "There has been no proven backup for 26 hours: all work since then could be lost."
        yield Finding("backup", name, "problem", meaning, f"crmtenant backup {name}")
