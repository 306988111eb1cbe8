"""The operators' journal, to which lines are only ever added.

The role of processes and commands may read it and insert lines, whose ids and moments of recording are PostgreSQL's. A
trigger refuses everything else to everybody, until it is disabled by the table's owner or a superuser.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from crmtenant.db.schema.migrations import role

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TEXTS = ("operator", "host", "settings_file", "command")
WRITTEN = (
    "command_id, event, at, operator, host, settings_file, command, arguments, companies, exit_code, outcome"
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _required("command_id", sa.Text),
        _required("event", sa.Text),
        _required("at", MOMENT),
        _required("recorded_at", MOMENT, server_default=sa.func.now()),
        *(_required(name, sa.Text) for name in TEXTS),
        _required("arguments", sa.ARRAY(sa.Text)),
        _required("companies", sa.ARRAY(sa.Text)),
        sa.Column("exit_code", sa.Integer, nullable=True),
        sa.Column("outcome", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.UniqueConstraint("command_id", "event", name="uq_journal_command_id_event"),
        sa.CheckConstraint("event IN ('begun', 'ended')", name=op.f("ck_journal_event")),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    _only_added_to()


def _only_added_to() -> None:
    op.execute(f"REVOKE ALL ON journal FROM {role('writer')}")
    op.execute(f"GRANT SELECT, INSERT ({WRITTEN}) ON journal TO {role('writer')}")
    op.execute(
        "CREATE FUNCTION refuse_to_change_the_journal() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'lines of the journal are neither changed nor removed' "
        "USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_journal()"
    )
    # Also in sessions that call themselves replicas, in which ordinary triggers are silent.
    op.execute("ALTER TABLE journal ENABLE ALWAYS TRIGGER only_added_to")


def _required(name: str, kind: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)
