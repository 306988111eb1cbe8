"""What people are told, what they watch, and what they want to be told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = "kind IN ('mentioned', 'replied', 'assigned', 'watched', 'due')"


def upgrade() -> None:
    """Bring the schema to this revision."""
    _notifications()
    op.create_table(
        "watch",
        _required("noun", sa.Text),
        _required("row_id", sa.BigInteger),
        _required("person_id", sa.Text),
        _required("is_watching", sa.Boolean),
        _required("is_muted", sa.Boolean),
        sa.PrimaryKeyConstraint("noun", "row_id", "person_id", name="pk_watch"),
    )
    op.create_table(
        "notification_setting",
        _required("person_id", sa.Text),
        _required("kind", sa.Text),
        _required("is_shown", sa.Boolean),
        _required("mail", sa.Text),
        sa.PrimaryKeyConstraint("person_id", "kind", name="pk_notification_setting"),
        sa.CheckConstraint(KINDS, name=op.f("ck_notification_setting_kind")),
        sa.CheckConstraint("mail IN ('never', 'digest', 'soon')", name=op.f("ck_notification_setting_mail")),
    )


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _required("person_id", sa.Text),
        _required("kind", sa.Text),
        _required("at", MOMENT),
        _required("since", MOMENT),
        sa.Column("by", sa.Text),
        _required("noun", sa.Text),
        _required("row_id", sa.BigInteger),
        sa.Column("entry_id", sa.BigInteger),
        _required("count", sa.Integer),
        _required("is_batch", sa.Boolean),
        sa.Column("read_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("mailed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        sa.CheckConstraint(KINDS, name=op.f("ck_notification_kind")),
    )
    op.create_index("ix_notification_inbox", "notification", ["person_id", "at", "id"])
    op.create_index("ix_notification_record", "notification", ["noun", "row_id"])
    for name, column, condition in (
        ("unread", "person_id", "read_at IS NULL AND done_at IS NULL"),
        ("entry", "entry_id", "entry_id IS NOT NULL"),
        ("unmailed", "since", "mailed_at IS NULL AND read_at IS NULL AND done_at IS NULL"),
    ):
        op.create_index(
            f"ix_notification_{name}", "notification", [column], postgresql_where=sa.text(condition)
        )


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
