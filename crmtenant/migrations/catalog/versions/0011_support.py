"""Support access: what owners granted, and who came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "support_grant",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("revoked_by", sa.Text, nullable=True),
        sa.Column("asked_by_operator", sa.Text, nullable=True),
        sa.Column("confirmed_by_operator", sa.Text, nullable=True),
        sa.Column("code_hash", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_support_grant"),
        sa.UniqueConstraint("code_hash", name="uq_support_grant_code_hash"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name="fk_support_grant_tenant_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("role IN ('admin', 'viewer')", name=op.f("ck_support_grant_role")),
        sa.CheckConstraint(
            "(granted_by IS NULL) = (asked_by_operator IS NOT NULL)", name=op.f("ck_support_grant_origin")
        ),
        sa.CheckConstraint(
            "confirmed_by_operator <> asked_by_operator", name=op.f("ck_support_grant_two_operators")
        ),
    )
    op.create_index("ix_support_grant_tenant_id", "support_grant", ["tenant_id", "created_at"])
    op.create_table(
        "support_visit",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("grant_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("link_hash", sa.LargeBinary, nullable=True),
        sa.Column("link_until", _MOMENT, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=True),
        sa.Column("previous_hash", sa.LargeBinary, nullable=True),
        sa.Column("rotated_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_support_visit"),
        sa.UniqueConstraint("link_hash", name="uq_support_visit_link_hash"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["support_grant.id"], name="fk_support_visit_grant_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name="fk_support_visit_tenant_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_support_visit_grant_id", "support_visit", ["grant_id"])
    op.create_index("ix_support_visit_tenant_id", "support_visit", ["tenant_id"])
