"""How much space each server has left, and whether that is too little to write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("server", sa.Column("free_bytes", sa.BigInteger, nullable=True))
    op.add_column("server", sa.Column("is_full", sa.Boolean, nullable=False, server_default=sa.false()))
