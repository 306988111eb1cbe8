"""The time until which a company's database is being migrated and its requests are deferred."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("tenant", sa.Column("migrating_until", sa.DateTime(timezone=True), nullable=True))
