"""Password resets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("login_id", sa.Text, nullable=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_password_reset"),
        sa.UniqueConstraint("token_hash", name="uq_password_reset_token_hash"),
        sa.ForeignKeyConstraint(
            ["login_id"], ["login.id"], name="fk_password_reset_login_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_password_reset_login_id", "password_reset", ["login_id"])
    op.create_index("ix_password_reset_expires_at", "password_reset", ["expires_at"])
