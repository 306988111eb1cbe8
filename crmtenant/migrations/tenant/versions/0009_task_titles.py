"""Tasks whose titles begin with what is searched for are read from an index, as contacts and projects are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_index(
        "ix_task_title", "task", ["title_key", "id"], postgresql_where=sa.text("deleted_at IS NULL")
    )
