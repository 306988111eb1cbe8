"""The metrics of an installation that the catalog can answer, in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, literal, select, union_all

from crmtenant.models.catalog.tables import IS_SOUND, Backup, Mail, Spare, Tenant

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

_LAST_PROVEN = select(func.max(Backup.made_at)).where(Backup.tenant_id == Tenant.id, IS_SOUND)
_SECONDS_SINCE_BACKUP = func.extract(
    "epoch", func.now() - func.coalesce(_LAST_PROVEN.scalar_subquery(), Tenant.created_at)
)
_METRICS = union_all(
    select(literal("companies"), Tenant.state, func.count()).group_by(Tenant.state),
    select(literal("spares"), Spare.state, func.count()).group_by(Spare.state),
    select(literal("mails_waiting"), literal(""), func.count()).where(Mail.sent_at.is_(None)),
    select(
        literal("oldest_backup_seconds"), literal(""), func.coalesce(func.max(_SECONDS_SINCE_BACKUP), 0)
    ).where(Tenant.state == "active"),
)


def read_metrics(catalog: Catalog) -> list[tuple[str, str, float]]:
    """Return the name, label and present value of each metric."""
    with catalog.reading() as reader:
        return [(name, label, float(value)) for name, label, value in reader.rows(_METRICS)]
