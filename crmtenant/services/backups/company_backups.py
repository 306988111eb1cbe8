"""A company's backups, as its own people may see them: not where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from crmtenant.models.catalog.tables import Backup

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader

MOST = 50
_NEWEST = (
    select(
        Backup.id,
        Backup.made_at,
        Backup.proven_at,
        Backup.size_bytes,
        Backup.proven_at.is_not(None) & Backup.problem.is_(None),
        Backup.problem.is_not(None),
    )
    .where(Backup.tenant_id == bindparam("tenant_id"))
    .order_by(Backup.made_at.desc())
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A backup as the company's people may see it."""

    id: str
    made_at: datetime
    proven_at: datetime | None
    size_bytes: int
    is_sound: bool
    has_failed: bool


def newest(reader: Reader, tenant_id: str) -> list[Saved]:
    """The company's newest backups, the newest first."""
    return [Saved(*row) for row in reader.rows(_NEWEST, {"tenant_id": tenant_id})]


class CompanyBackups:
    """Lists the backups of companies for their people."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def newest(self, tenant_id: str) -> list[Saved]:
        """Return the company's newest backups, the newest first."""
        with self._catalog.reading() as reader:
            return newest(reader, tenant_id)
