"""A company's database: the company, contacts, projects with their boards, tasks, stored responses."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crmtenant.db.schema.migrations import role

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Type = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]

MOMENT = sa.DateTime(timezone=True)
SORTABLE = sa.Text(collation="C")
TEXTS = postgresql.ARRAY(sa.Text)
LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Bring the schema to this revision."""
    _privileges()
    _company()
    _answers()
    _contacts()
    _projects()
    _board_columns()
    _tasks()


def _required(name: str, kind: Type) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _optional(name: str, kind: Type) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _identity() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _history() -> list[sa.Column[Any]]:
    return [
        _required("created_at", MOMENT),
        _required("updated_at", MOMENT),
        _required("created_by", sa.Text),
        _required("version", sa.BigInteger),
        _optional("deleted_at", MOMENT),
        _optional("deleted_by", sa.Text),
    ]


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _live_index(name: str, table: str, *columns: str) -> None:
    op.create_index(name, table, list(columns), postgresql_where=LIVE)


def _live_gin_index(name: str, table: str, column: str) -> None:
    op.create_index(name, table, [column], postgresql_where=LIVE, postgresql_using="gin")


def _privileges() -> None:
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role('writer')}")
    op.execute(f"GRANT SELECT ON alembic_version TO {role('writer')}")
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role('writer')}"
    )
    op.execute(
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role('writer')}"
    )
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")


def _company() -> None:
    op.create_table(
        "company",
        _required("id", sa.Text),
        _required("name", sa.Text),
        _required("founder_id", sa.Text),
        _required("founder_name", sa.Text),
        _required("founder_email", sa.Text),
        _required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_company"),
    )


def _answers() -> None:
    op.create_table(
        "answer",
        _required("user_id", sa.Text),
        _required("key", sa.Text),
        _required("request_hash", sa.LargeBinary),
        _optional("status", sa.SmallInteger),
        _optional("headers", postgresql.JSONB),
        _optional("body", sa.LargeBinary),
        _required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_answer"),
    )
    op.create_index("ix_answer_created_at", "answer", ["created_at"])


def _contacts() -> None:
    op.create_table(
        "contact",
        _identity(),
        _required("kind", sa.Text),
        _required("name", sa.Text),
        _optional("prefix", sa.Text),
        _optional("given_name", sa.Text),
        _optional("middle_name", sa.Text),
        _optional("family_name", sa.Text),
        _optional("suffix", sa.Text),
        _optional("nickname", sa.Text),
        _optional("organization_id", sa.BigInteger),
        _optional("job_title", sa.Text),
        _optional("department", sa.Text),
        _required("emails", postgresql.JSONB),
        _required("phones", postgresql.JSONB),
        _required("addresses", postgresql.JSONB),
        _required("urls", postgresql.JSONB),
        _optional("birthday", sa.Date),
        _optional("note", sa.Text),
        _required("tags", TEXTS),
        _required("custom", postgresql.JSONB),
        _optional("owner_id", sa.Text),
        _optional("source", sa.Text),
        _required("name_key", SORTABLE),
        _required("email_keys", TEXTS),
        _required("phone_keys", TEXTS),
        _required("countries", TEXTS),
        _required("search", postgresql.TSVECTOR),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        _foreign_key("contact", "organization_id", "contact"),
        _check("contact", "kind", "kind IN ('person', 'organization')"),
    )
    _live_index("ix_contact_updated", "contact", "updated_at", "id")
    _live_index("ix_contact_created", "contact", "created_at", "id")
    _live_index("ix_contact_name", "contact", "name_key", "id")
    _live_index("ix_contact_organization", "contact", "organization_id")
    _live_gin_index("ix_contact_emails", "contact", "email_keys")
    _live_gin_index("ix_contact_phones", "contact", "phone_keys")
    _live_gin_index("ix_contact_tags", "contact", "tags")
    _live_gin_index("ix_contact_search", "contact", "search")


def _projects() -> None:
    op.create_table(
        "project",
        _identity(),
        _required("name", sa.Text),
        _optional("description", sa.Text),
        _required("status", sa.Text),
        _optional("contact_id", sa.BigInteger),
        _optional("owner_id", sa.Text),
        _required("member_ids", TEXTS),
        _optional("start_on", sa.Date),
        _optional("due_on", sa.Date),
        _optional("budget_minutes", sa.Integer),
        _optional("color", sa.Text),
        _required("tags", TEXTS),
        _required("name_key", SORTABLE),
        _required("search", postgresql.TSVECTOR),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_project"),
        _foreign_key("project", "contact_id", "contact"),
        _check("project", "status", "status IN ('planned', 'active', 'on_hold', 'done', 'archived')"),
        _check("project", "ends_after_start", "due_on IS NULL OR start_on IS NULL OR due_on >= start_on"),
    )
    _live_index("ix_project_updated", "project", "updated_at", "id")
    _live_index("ix_project_created", "project", "created_at", "id")
    _live_index("ix_project_name", "project", "name_key", "id")
    _live_index("ix_project_contact", "project", "contact_id")
    _live_gin_index("ix_project_search", "project", "search")


def _board_columns() -> None:
    op.create_table(
        "board_column",
        _identity(),
        _required("project_id", sa.BigInteger),
        _required("name", sa.Text),
        _required("position", sa.Float),
        _optional("color", sa.Text),
        _optional("task_limit", sa.Integer),
        _required("is_done", sa.Boolean),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_board_column"),
        _foreign_key("board_column", "project_id", "project"),
    )
    _live_index("ix_board_column_project", "board_column", "project_id", "position", "id")


def _tasks() -> None:
    op.create_table(
        "task",
        _identity(),
        _optional("project_id", sa.BigInteger),
        _optional("parent_id", sa.BigInteger),
        _required("title", sa.Text),
        _optional("description", sa.Text),
        _required("status", sa.Text),
        _optional("column_id", sa.BigInteger),
        _required("position", sa.Float),
        _required("priority", sa.SmallInteger),
        _required("assignee_ids", TEXTS),
        _optional("contact_id", sa.BigInteger),
        _optional("start_on", sa.Date),
        _optional("due_on", sa.Date),
        _optional("due_at", MOMENT),
        _optional("estimate_minutes", sa.Integer),
        _required("labels", TEXTS),
        _optional("recurrence", sa.Text),
        _optional("completed_at", MOMENT),
        _required("title_key", SORTABLE),
        _required("search", postgresql.TSVECTOR),
        *_history(),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        _foreign_key("task", "project_id", "project"),
        _foreign_key("task", "parent_id", "task"),
        _foreign_key("task", "column_id", "board_column"),
        _foreign_key("task", "contact_id", "contact"),
        _check("task", "status", "status IN ('open', 'done')"),
        _check("task", "priority", "priority BETWEEN 0 AND 4"),
        _check("task", "not_its_own_parent", "parent_id <> id"),
        _check("task", "ends_after_start", "due_on IS NULL OR start_on IS NULL OR due_on >= start_on"),
    )
    _live_index("ix_task_updated", "task", "updated_at", "id")
    _live_index("ix_task_created", "task", "created_at", "id")
    _live_index("ix_task_project", "task", "project_id", "position", "id")
    _live_index("ix_task_parent", "task", "parent_id")
    _live_index("ix_task_contact", "task", "contact_id")
    _live_index("ix_task_due", "task", "due_on", "id")
    _live_gin_index("ix_task_assignees", "task", "assignee_ids")
    _live_gin_index("ix_task_search", "task", "search")
