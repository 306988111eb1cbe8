"""What tasks remember: which occurrence followed them, and the column they stood in when it was thrown away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "task_occurrence",
        sa.Column("task_id", sa.BigInteger, nullable=False),
        sa.Column("next_id", sa.BigInteger, nullable=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_task_occurrence"),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name="fk_task_occurrence_task_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["next_id"], ["task.id"], name="fk_task_occurrence_next_id", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_task_occurrence_next", "task_occurrence", ["next_id"])
    op.create_table(
        "task_left_column",
        sa.Column("task_id", sa.BigInteger, nullable=False),
        sa.Column("column_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_task_left_column"),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name="fk_task_left_column_task_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["column_id"],
            ["board_column.id"],
            name="fk_task_left_column_column_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_task_left_column_column", "task_left_column", ["column_id"])
