"""What was last copied of the catalog into each company's database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "essentials_copy",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("database", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_essentials_copy"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name="fk_essentials_copy_tenant_id", ondelete="CASCADE"
        ),
    )
