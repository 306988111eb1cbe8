"""A copy of what the catalog says of the company, which its own role cannot touch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crmtenant.db.schema.migrations import role

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
is_served_without = True


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "essentials",
        sa.Column("company_id", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("company_id", name="pk_essentials"),
    )
    op.execute(f"REVOKE ALL ON essentials FROM {role('writer')}")
