"""Support access: what owners granted, and who came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.catalog.tables import CatalogBase


class SupportGrant(CatalogBase):
    """The permission to enter a company for a while: an owner's, or one that two operators took themselves.

    The latter has no `granted_by`, and counts once the second operator has confirmed it.
    """

    __tablename__ = "support_grant"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'viewer')", name="role"),
        CheckConstraint("(granted_by IS NULL) = (asked_by_operator IS NOT NULL)", name="origin"),
        CheckConstraint("confirmed_by_operator <> asked_by_operator", name="two_operators"),
        Index("ix_support_grant_tenant_id", "tenant_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Text, ForeignKey("tenant.id", ondelete="CASCADE"))
    granted_by: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[str | None] = mapped_column(Text)
    asked_by_operator: Mapped[str | None] = mapped_column(Text)
    confirmed_by_operator: Mapped[str | None] = mapped_column(Text)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)


class SupportVisit(CatalogBase):
    """One entry of an operator under a grant: an identity of its own, whose id stands in what it writes.

    Only hashes of its link's token and of its refresh tokens are stored.
    """

    __tablename__ = "support_visit"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    grant_id: Mapped[str] = mapped_column(
        Text, ForeignKey("support_grant.id", ondelete="CASCADE"), index=True
    )
    tenant_id: Mapped[str] = mapped_column(Text, ForeignKey("tenant.id", ondelete="CASCADE"), index=True)
    operator: Mapped[str] = mapped_column(Text)
    ticket: Mapped[str] = mapped_column(Text)
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    link_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    rotated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
