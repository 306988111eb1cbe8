"""What companies use, how much they may use, and who was warned."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Double, ForeignKey, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.catalog.tables import CatalogBase

QUOTAS = ("bytes", "rows", "seats")
_IS_QUOTA = f"kind IN ({', '.join(repr(kind) for kind in QUOTAS)})"


def _of_company(*, is_indexed: bool = False) -> Mapped[str]:
    key = ForeignKey("tenant.id", ondelete="CASCADE")
    return mapped_column(Text, key, primary_key=True, index=is_indexed)


class UsageDay(CatalogBase):
    """What one company used on one day (UTC), and how large it was when it was measured on that day.

    `thread_seconds` is how long threads worked on its requests, of which they waited `database_seconds` for
    PostgreSQL. `errors` are answers of 500 and above, but for 507.
    """

    __tablename__ = "usage_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    tenant_id: Mapped[str] = _of_company(is_indexed=True)
    requests: Mapped[int] = mapped_column(BigInteger, server_default="0")
    errors: Mapped[int] = mapped_column(BigInteger, server_default="0")
    thread_seconds: Mapped[float] = mapped_column(Double, server_default="0")
    database_seconds: Mapped[float] = mapped_column(Double, server_default="0")
    slow_statements: Mapped[int] = mapped_column(BigInteger, server_default="0")
    bytes_in: Mapped[int] = mapped_column(BigInteger, server_default="0")
    bytes_out: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    row_count: Mapped[int | None] = mapped_column(BigInteger)


class CompanyMeasure(CatalogBase):
    """How large a company's database is, and how many rows are in it and not in the trash."""

    __tablename__ = "company_measure"

    tenant_id: Mapped[str] = _of_company()
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger)
    measured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TenantQuota(CatalogBase):
    """How much of one kind a company may use; None is without limit. Without a row, it is what the settings say."""

    __tablename__ = "tenant_quota"
    __table_args__ = (CheckConstraint(_IS_QUOTA, name="kind"), CheckConstraint("most >= 0", name="most"))

    tenant_id: Mapped[str] = _of_company()
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    most: Mapped[int | None] = mapped_column(BigInteger)


class QuotaWarning(CatalogBase):
    """The share of a quota, in percent, of which the company's owners were told."""

    __tablename__ = "quota_warning"
    __table_args__ = (CheckConstraint(_IS_QUOTA, name="kind"),)

    tenant_id: Mapped[str] = _of_company()
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    percent: Mapped[int] = mapped_column(SmallInteger)
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
