"""The user who last changed an item, initially the one who created it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("contact", "project", "board_column", "task")


def upgrade() -> None:
    """Bring the schema to this revision."""
    for name in TABLES:
        table = sa.table(name, sa.column("created_by"), sa.column("updated_by"))
        op.add_column(name, sa.Column("updated_by", sa.Text, nullable=True))
        op.execute(table.update().values(updated_by=table.c.created_by))
        op.alter_column(name, "updated_by", nullable=False)
