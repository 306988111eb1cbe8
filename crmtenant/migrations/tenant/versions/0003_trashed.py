"""Indexes of deleted rows by time, for the trash and the activity feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("contact", "project", "board_column", "task")


def upgrade() -> None:
    """Bring the schema to this revision."""
    for table in TABLES:
        op.create_index(
            f"ix_{table}_trashed",
            table,
            ["deleted_at", "id"],
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
        )
