"""Saved views of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("query", postgresql.JSONB, nullable=False),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("deleted_by", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.CheckConstraint("page IN ('contacts', 'projects', 'tasks')", name=op.f("ck_saved_view_page")),
    )
    for name, columns, condition in (
        ("ix_saved_view_trashed", ["deleted_at", "id"], "deleted_at IS NOT NULL"),
        ("ix_saved_view_name", ["name_key", "id"], "deleted_at IS NULL"),
    ):
        op.create_index(name, "saved_view", columns, postgresql_where=sa.text(condition))
