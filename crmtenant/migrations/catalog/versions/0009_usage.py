"""What companies use by day, how large they are, how much they may use, and who was warned."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTED = ("requests", "errors", "slow_statements", "bytes_in", "bytes_out")
IS_QUOTA = "kind IN ('bytes', 'rows', 'seats')"


def upgrade() -> None:
    """Bring the schema to this revision."""
    _usage()
    _quotas()


def _usage() -> None:
    op.create_table(
        "usage_day",
        _required("day", sa.Date),
        _required("tenant_id", sa.Text),
        *(_required(name, sa.BigInteger, server_default="0") for name in COUNTED),
        _required("thread_seconds", sa.Double, server_default="0"),
        _required("database_seconds", sa.Double, server_default="0"),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=True),
        sa.Column("row_count", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("day", "tenant_id", name="pk_usage_day"),
        _of_company("usage_day"),
    )
    op.create_index("ix_usage_day_tenant_id", "usage_day", ["tenant_id"])
    op.create_table(
        "company_measure",
        _required("tenant_id", sa.Text),
        _required("size_bytes", sa.BigInteger),
        _required("row_count", sa.BigInteger),
        _required("measured_at", MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_company_measure"),
        _of_company("company_measure"),
    )


def _quotas() -> None:
    op.create_table(
        "tenant_quota",
        _required("tenant_id", sa.Text),
        _required("kind", sa.Text),
        sa.Column("most", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name="pk_tenant_quota"),
        sa.CheckConstraint(IS_QUOTA, name=op.f("ck_tenant_quota_kind")),
        sa.CheckConstraint("most >= 0", name=op.f("ck_tenant_quota_most")),
        _of_company("tenant_quota"),
    )
    op.create_table(
        "quota_warning",
        _required("tenant_id", sa.Text),
        _required("kind", sa.Text),
        _required("percent", sa.SmallInteger),
        _required("told_at", MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name="pk_quota_warning"),
        sa.CheckConstraint(IS_QUOTA, name=op.f("ck_quota_warning_kind")),
        _of_company("quota_warning"),
    )


def _required(name: str, kind: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


def _of_company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id"], ["tenant.id"], name=f"fk_{table}_tenant_id", ondelete="CASCADE"
    )
