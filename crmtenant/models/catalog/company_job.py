"""What owners ask for that only a worker may do: backups, copies of their company."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, Text, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.catalog.tables import CatalogBase


class CompanyJob(CatalogBase):
    """A job that an owner asked for, and what became of it. A company has at most one that has not ended."""

    __tablename__ = "company_job"
    __table_args__ = (
        CheckConstraint("kind IN ('backup', 'file', 'restore', 'sandbox')", name="kind"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        Index("ix_company_job_tenant_id", "tenant_id", "created_at"),
        Index(
            "ix_company_job_live",
            "tenant_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Text, ForeignKey("tenant.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    asked_by: Mapped[str] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    step: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[int] = mapped_column(SmallInteger, default=0)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    is_cancelled: Mapped[bool] = mapped_column(Boolean, server_default=false())
    problem: Mapped[str | None] = mapped_column(Text)
    backup_id: Mapped[str | None] = mapped_column(Text)
    new_tenant_id: Mapped[str | None] = mapped_column(
        Text, ForeignKey("tenant.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
