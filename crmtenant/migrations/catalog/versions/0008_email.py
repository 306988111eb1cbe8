"""Changes of sign-in addresses that wait to be confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "email_change",
        sa.Column("login_id", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login_id", name="pk_email_change"),
        sa.UniqueConstraint("token_hash", name="uq_email_change_token_hash"),
        sa.ForeignKeyConstraint(
            ["login_id"], ["login.id"], name="fk_email_change_login_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_email_change_expires_at", "email_change", ["expires_at"])
