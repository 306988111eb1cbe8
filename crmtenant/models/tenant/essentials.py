"""A copy of what the catalog says of this company, so that a lost catalog loses little.

Only administrators write and read it: a company's own role has no right to the table.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import TenantBase


class Essentials(TenantBase):
    """What the catalog said of the company at that moment (`services.fleet.essentials`); a company has one row."""

    __tablename__ = "essentials"

    company_id: Mapped[str] = mapped_column(Text, primary_key=True)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
