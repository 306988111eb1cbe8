"""Copies of companies' databases that are kept when they are migrated, and which of them went back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.drop_constraint(op.f("ck_set_aside_purpose"), "set_aside")
    op.create_check_constraint(
        op.f("ck_set_aside_purpose"), "set_aside", "purpose IN ('restoring', 'retired', 'moved', 'copied')"
    )
    op.add_column("tenant", sa.Column("went_back_at", sa.DateTime(timezone=True)))
