"""Who may look at the fleet's page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.catalog.tables import CatalogBase


class OperatorAccount(CatalogBase):
    """An operator who signs in to the fleet's page. It opens no company."""

    __tablename__ = "operator_account"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
