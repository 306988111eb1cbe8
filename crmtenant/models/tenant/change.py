"""What was changed in a company, by whom, and what came of it in one go: the log, and the batches that can be undone.

The company's own role adds to the log and reads it; it can neither change nor delete what is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import TenantBase

_ALONE = text("batch_id IS NULL AND verb <> 'moved'")
"""What activity tells line by line."""


class Clock(TenantBase):
    """The number of the last transaction that changed something: a row lock makes its order that of the commits.

    There is no row before the first change."""

    __tablename__ = "clock"
    __table_args__ = (CheckConstraint("one", name="one"),)

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    seq: Mapped[int] = mapped_column(BigInteger)


class LoggedChange(TenantBase):
    """What a transaction did to one row.

    `changes` maps fields to what they were and are. `audience` is the person who alone may know of it; None: everybody.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_row", "noun", "row_id", "seq"),
        Index("ix_change_alone", "seq", postgresql_where=_ALONE),
        Index("ix_change_by", "by", "seq", postgresql_where=_ALONE),
        Index("ix_change_project", "project_id", "at", postgresql_where=text("project_id IS NOT NULL")),
        Index(
            "ix_change_contacts",
            "contact_ids",
            postgresql_using="gin",
            postgresql_where=text("contact_ids <> '{}'"),
        ),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    noun: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)
    verb: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    contact_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    deal_id: Mapped[int | None] = mapped_column(BigInteger)
    project_id: Mapped[int | None] = mapped_column(BigInteger)
    audience: Mapped[str | None] = mapped_column(Text)


class Batch(TenantBase):
    """Something done to many rows in one go."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('import', 'bulk', 'merge', 'shift', 'template', 'trash', 'undo')", name="kind"
        ),
        Index("ix_batch_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str] = mapped_column(Text)
    noun: Mapped[str] = mapped_column(Text)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[str | None] = mapped_column(Text)


class BatchRow(TenantBase):
    """A row that a batch wrote: what it was before, and the version it has since. Kept for 30 days."""

    __tablename__ = "batch_row"

    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    noun: Mapped[str] = mapped_column(Text, primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    verb: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after_version: Mapped[int] = mapped_column(BigInteger)
