"""What a company's database knows of itself, so that it can be recognised on its own, in a backup, say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.base import TenantBase


class Company(TenantBase):
    """The one row that says whose database this is. The catalog stays the truth for everything else."""

    __tablename__ = "company"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    founder_id: Mapped[str] = mapped_column(Text)
    founder_name: Mapped[str] = mapped_column(Text)
    founder_email: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
