"""What operators did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.catalog.tables import CatalogBase


class JournalLine(CatalogBase):
    """That a command began, or ended; lines are only ever added (ADR 23).

    `at` is the moment by the clock of the machine it ran on, `recorded_at` when the catalog was told.
    """

    __tablename__ = "journal"
    __table_args__ = (
        CheckConstraint("event IN ('begun', 'ended')", name="event"),
        UniqueConstraint("command_id", "event"),
        Index("ix_journal_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    command_id: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    operator: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    settings_file: Mapped[str] = mapped_column(Text)
    command: Mapped[str] = mapped_column(Text)
    arguments: Mapped[list[str]] = mapped_column(ARRAY(Text))
    companies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    exit_code: Mapped[int | None] = mapped_column(Integer)
    outcome: Mapped[str | None] = mapped_column(Text)
