"""What is left of a company that was purged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.catalog.tables import CatalogBase


class DeletionReceipt(CatalogBase):
    """What is left of a purged company: who purged it, and its last backup."""

    __tablename__ = "deletion_receipt"

    tenant_id: Mapped[str] = mapped_column(Text, primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    company_created_at: Mapped[datetime] = mapped_column("founded_at", DateTime(timezone=True))
    purged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    purged_by: Mapped[str] = mapped_column(Text)
    people_removed: Mapped[int] = mapped_column(Integer)
    last_backup_file: Mapped[str | None] = mapped_column(Text)
    last_backup_sha256: Mapped[str | None] = mapped_column(Text)
