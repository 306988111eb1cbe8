"""Lets the writer set sequences: an import keeps the ids of its rows."""

from __future__ import annotations

from alembic import op

from crmtenant.db.schema.migrations import role

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.execute(f"GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role('writer')}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT UPDATE ON SEQUENCES TO {role('writer')}")
