"""A log of what is changed, which the company's role can only add to, and batches that can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crmtenant.db.schema.migrations import role

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    _clock()
    _change()
    _batch()
    writer = role("writer")
    for table, rights in (
        ("clock", "SELECT, INSERT, UPDATE"),
        ("change", "SELECT, INSERT"),
        ("batch", "SELECT, INSERT, UPDATE (undone_at, undone_by)"),
        ("batch_row", "SELECT, INSERT"),
    ):
        op.execute(f"REVOKE ALL ON {table} FROM {writer}")
        op.execute(f"GRANT {rights} ON {table} TO {writer}")


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("one", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_clock"),
        sa.CheckConstraint("one", name=op.f("ck_clock_one")),
    )


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("row_id", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("changes", postgresql.JSONB, nullable=False),
        sa.Column("batch_id", sa.BigInteger),
        sa.Column("contact_ids", postgresql.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("deal_id", sa.BigInteger),
        sa.Column("project_id", sa.BigInteger),
        sa.Column("audience", sa.Text),
        sa.PrimaryKeyConstraint("seq", "number", name="pk_change"),
    )
    op.create_index("ix_change_row", "change", ["noun", "row_id", "seq"])
    alone = sa.text("batch_id IS NULL AND verb <> 'moved'")
    op.create_index("ix_change_alone", "change", ["seq"], postgresql_where=alone)
    op.create_index("ix_change_by", "change", ["by", "seq"], postgresql_where=alone)
    in_project = sa.text("project_id IS NOT NULL")
    op.create_index("ix_change_project", "change", ["project_id", "at"], postgresql_where=in_project)
    op.create_index(
        "ix_change_contacts",
        "change",
        ["contact_ids"],
        postgresql_using="gin",
        postgresql_where=sa.text("contact_ids <> '{}'"),
    )


def _batch() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("summary", postgresql.JSONB, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.CheckConstraint(
            "kind IN ('import', 'bulk', 'merge', 'shift', 'template', 'trash', 'undo')",
            name=op.f("ck_batch_kind"),
        ),
    )
    op.create_index("ix_batch_at", "batch", ["at"])
    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("row_id", sa.BigInteger, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("before", postgresql.JSONB, nullable=False),
        sa.Column("after_version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "noun", "row_id", name="pk_batch_row"),
    )
