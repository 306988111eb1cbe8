"""Several servers, companies that move between them, and outgoing mails."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    _servers()
    _companies()
    _mails()


def _servers() -> None:
    for name, kind in (("host", sa.Text), ("port", sa.Integer), ("admin_user", sa.Text)):
        op.add_column("server", sa.Column(name, kind, nullable=True))
    op.add_column("server", _required("weight", sa.Integer, server_default="100"))
    op.add_column("server", _required("is_draining", sa.Boolean, server_default="false"))
    op.add_column("server", sa.Column("capacity_bytes", sa.BigInteger, nullable=True))
    op.add_column("server", sa.Column("used_bytes", sa.BigInteger, nullable=True))


def _companies() -> None:
    op.add_column("tenant", _required("epoch", sa.Integer, server_default="1"))
    op.add_column("tenant", _required("is_neutral", sa.Boolean, server_default="false"))
    op.add_column("tenant", sa.Column("reminded_on", sa.Date, nullable=True))
    op.drop_constraint(op.f("ck_set_aside_purpose"), "set_aside")
    op.create_check_constraint(
        op.f("ck_set_aside_purpose"), "set_aside", "purpose IN ('restoring', 'retired', 'moved')"
    )


def _mails() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=True),
        _required("kind", sa.Text),
        _required("recipient", sa.Text),
        _required("subject", sa.Text),
        _required("text", sa.Text),
        _required("created_at", MOMENT),
        _required("due_at", MOMENT),
        _required("attempts", sa.Integer),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_mail_tenant_id", ondelete="CASCADE"),
    )
    op.create_index("ix_mail_due_at", "mail", ["due_at"], postgresql_where=sa.text("sent_at IS NULL"))
    op.create_index("ix_mail_tenant_id", "mail", ["tenant_id"])


def _required(name: str, kind: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)
