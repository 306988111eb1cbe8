"""Whether a user receives reminders of due tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("login", sa.Column("wants_reminders", sa.Boolean, nullable=False, server_default=sa.true()))
