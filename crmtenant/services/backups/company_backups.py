"""A company's backups as its own people may see them, without where they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from crmtenant.models.catalog.tables import Backup

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

MAX_BACKUPS = 50
_NEWEST = (
    select(Backup.made_at, Backup.proven_at, Backup.size_bytes, Backup.problem.is_(None))
    .where(Backup.tenant_id == bindparam("tenant_id"))
    .order_by(Backup.made_at.desc())
    .limit(MAX_BACKUPS)
)


@dataclass(frozen=True, slots=True)
class CompanyBackup:
    """A backup as the company's people may see it."""

    made_at: datetime
    proven_at: datetime | None
    size_bytes: int
    is_sound: bool


def newest(reader: Reader, tenant_id: str) -> list[CompanyBackup]:
    """Return the company's latest backups, the newest first."""
    return [CompanyBackup(*row) for row in reader.rows(_NEWEST, {"tenant_id": tenant_id})]
