"""What people write on records: notes, calls, meetings, comments. Tasks that are a call or a meeting."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SORTABLE = sa.Text(collation="C")
TEXTS = postgresql.ARRAY(sa.Text)
IDS = postgresql.ARRAY(sa.BigInteger)
LIVE = sa.text("deleted_at IS NULL")
TRASHED = sa.text("deleted_at IS NOT NULL")
NEVER_FIRST = sa.text("coalesce(last_touch_at, '-infinity'::timestamptz)")


def upgrade() -> None:
    """Bring the schema to this revision."""
    _entries()
    op.add_column("contact", sa.Column("last_touch_at", MOMENT, nullable=True))
    op.create_index("ix_contact_touched", "contact", [NEVER_FIRST, "id"], postgresql_where=LIVE)
    op.add_column("task", sa.Column("kind", sa.Text, nullable=False, server_default="todo"))
    op.create_check_constraint(op.f("ck_task_kind"), "task", "kind IN ('todo', 'call', 'meeting')")
    op.drop_constraint(op.f("ck_saved_view_page"), "saved_view")
    op.create_check_constraint(
        op.f("ck_saved_view_page"), "saved_view", "page IN ('contacts', 'projects', 'tasks', 'entries')"
    )


def _entries() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _required("kind", sa.Text),
        _required("subject_type", sa.Text),
        _required("subject_id", sa.BigInteger),
        _optional("parent_id", sa.BigInteger),
        _required("contact_ids", IDS),
        _required("organization_ids", IDS),
        _required("happened_at", MOMENT),
        _optional("minutes", sa.Integer),
        _optional("direction", sa.Text),
        _optional("outcome", sa.Text),
        _required("body", sa.Text),
        _required("mentions", TEXTS),
        _required("is_pinned", sa.Boolean),
        _optional("edited_at", MOMENT),
        _required("title", sa.Text),
        _required("title_key", SORTABLE),
        _required("search", postgresql.TSVECTOR),
        _required("created_at", MOMENT),
        _required("updated_at", MOMENT),
        _required("created_by", sa.Text),
        _required("updated_by", sa.Text),
        _required("version", sa.BigInteger),
        _optional("deleted_at", MOMENT),
        _optional("deleted_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.ForeignKeyConstraint(["parent_id"], ["entry.id"], name="fk_entry_parent_id"),
        _check("kind", "kind IN ('note', 'call', 'meeting', 'comment')"),
        _check("subject_type", "subject_type IN ('contact', 'project', 'task')"),
        _check("direction", "direction IN ('in', 'out')"),
        _check("outcome", "outcome IN ('reached', 'no_answer', 'voicemail', 'busy')"),
        _check("not_its_own_parent", "parent_id <> id"),
    )
    op.create_index("ix_entry_trashed", "entry", ["deleted_at", "id"], postgresql_where=TRASHED)
    for name, columns in (
        ("updated", ["updated_at", "id"]),
        ("created", ["created_at", "id"]),
        ("happened", ["happened_at", "id"]),
        ("title", ["title_key", "id"]),
        ("subject", ["subject_type", "subject_id", "happened_at", "id"]),
        ("parent", ["parent_id"]),
    ):
        op.create_index(f"ix_entry_{name}", "entry", columns, postgresql_where=LIVE)
    for name, column in (
        ("contacts", "contact_ids"),
        ("organizations", "organization_ids"),
        ("search", "search"),
    ):
        op.create_index(f"ix_entry_{name}", "entry", [column], postgresql_where=LIVE, postgresql_using="gin")


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _optional(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_entry_{name}"))
