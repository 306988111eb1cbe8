"""What owners ask workers for, and the accounts of operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "company_job",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("request", JSONB, nullable=False),
        sa.Column("step", sa.Text, nullable=True),
        sa.Column("progress", sa.SmallInteger, nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("problem", sa.Text, nullable=True),
        sa.Column("backup_id", sa.Text, nullable=True),
        sa.Column("new_tenant_id", sa.Text, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_company_job"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name="fk_company_job_tenant_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["new_tenant_id"], ["tenant.id"], name="fk_company_job_new_tenant_id", ondelete="SET NULL"
        ),
        sa.CheckConstraint(
            "kind IN ('backup', 'file', 'restore', 'sandbox')", name=op.f("ck_company_job_kind")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_company_job_state"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_company_job_progress")),
    )
    op.create_index("ix_company_job_tenant_id", "company_job", ["tenant_id", "created_at"])
    op.create_index("ix_company_job_new_tenant_id", "company_job", ["new_tenant_id"])
    op.create_index(
        "ix_company_job_live",
        "company_job",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "operator_account",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_operator_account"),
    )
