"""What was last copied into each company's own database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.catalog.tables import CatalogBase


class EssentialsCopy(CatalogBase):
    """The copy of a company's essentials in its database: of which moment, and its digest, which is empty while it is
    being written."""

    __tablename__ = "essentials_copy"

    tenant_id: Mapped[str] = mapped_column(
        Text, ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    database: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
