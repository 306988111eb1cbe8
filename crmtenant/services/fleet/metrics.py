"""The figures of an installation that whoever watches it wants to know: one query of the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, literal, select, union_all

from crmtenant.models.catalog.tables import Backup, Mail, Spare, Tenant

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

_PROVEN = select(func.max(Backup.made_at)).where(Backup.tenant_id == Tenant.id, Backup.proven_at.is_not(None))
_UNSAVED_SECONDS = func.extract(
    "epoch", func.now() - func.coalesce(_PROVEN.scalar_subquery(), Tenant.created_at)
)
_FIGURES = union_all(
    select(literal("companies"), Tenant.state, func.count()).group_by(Tenant.state),
    select(literal("spares"), Spare.state, func.count()).group_by(Spare.state),
    select(literal("mails_waiting"), literal(""), func.count()).where(Mail.sent_at.is_(None)),
    select(literal("oldest_backup_seconds"), literal(""), func.coalesce(func.max(_UNSAVED_SECONDS), 0)).where(
        Tenant.state == "active"
    ),
)


def figures(catalog: Catalog) -> list[tuple[str, str, float]]:
    """Name, label and value of each figure now."""
    with catalog.reading() as reader:
        return [(name, label, float(value)) for name, label, value in reader.rows(_FIGURES)]
