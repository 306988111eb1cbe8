"""Deletion of companies: its time, backups, databases set aside, and receipts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Type = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("tenant", _optional("delete_after", MOMENT))
    op.add_column("tenant", _optional("expires_at", MOMENT))
    _backups()
    _set_aside()
    _deletion_receipts()


def _required(name: str, kind: Type) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _optional(name: str, kind: Type) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _backups() -> None:
    op.create_table(
        "backup",
        _required("id", sa.Text),
        _required("tenant_id", sa.Text),
        _required("slug", sa.Text),
        _required("manifest_file", sa.Text),
        _required("sha256", sa.Text),
        _required("size_bytes", sa.BigInteger),
        _required("schema_revision", sa.Text),
        _required("made_at", MOMENT),
        _optional("proven_at", MOMENT),
        _optional("problem", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_backup"),
        sa.UniqueConstraint("manifest_file", name="uq_backup_manifest_file"),
    )
    op.create_index("ix_backup_tenant_id", "backup", ["tenant_id", "made_at"])


def _set_aside() -> None:
    op.create_table(
        "set_aside",
        _required("database", sa.Text),
        _required("server_id", sa.Integer),
        _required("tenant_id", sa.Text),
        _required("purpose", sa.Text),
        _required("drop_after", MOMENT),
        _required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("database", name="pk_set_aside"),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], name="fk_set_aside_server_id"),
        sa.CheckConstraint("purpose IN ('restoring', 'retired')", name=op.f("ck_set_aside_purpose")),
    )


def _deletion_receipts() -> None:
    op.create_table(
        "deletion_receipt",
        _required("tenant_id", sa.Text),
        _required("slug", sa.Text),
        _required("name", sa.Text),
        _required("founded_at", MOMENT),
        _required("purged_at", MOMENT),
        _required("purged_by", sa.Text),
        _required("people_removed", sa.Integer),
        _optional("last_backup_file", sa.Text),
        _optional("last_backup_sha256", sa.Text),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_deletion_receipt"),
    )
