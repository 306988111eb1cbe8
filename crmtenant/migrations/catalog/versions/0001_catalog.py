"""The catalog: servers, companies, users, memberships, sessions, registrations, spare databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from crmtenant.db.schema.migrations import role

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Type = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema to this revision."""
    _privileges()
    _servers()
    _tenants()
    _logins()
    _memberships()
    _refresh_families()
    _registrations()
    _spares()
    _attempts()


def _required(name: str, kind: Type) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _optional(name: str, kind: Type) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _cascading(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


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


def _servers() -> None:
    op.create_table(
        "server",
        sa.Column("id", sa.Integer, sa.Identity(), nullable=False),
        _required("name", sa.Text),
        _optional("template_database", sa.Text),
        _optional("template_revision", sa.Text),
        _required("created_at", MOMENT),
        _required("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_server"),
        sa.UniqueConstraint("name", name="uq_server_name"),
    )


def _tenants() -> None:
    op.create_table(
        "tenant",
        _required("id", sa.Text),
        _required("slug", sa.Text),
        _required("name", sa.Text),
        _optional("country", sa.Text),
        _optional("currency", sa.Text),
        _optional("language", sa.Text),
        _optional("time_zone", sa.Text),
        _required("state", sa.Text),
        _required("server_id", sa.Integer),
        _required("database", sa.Text),
        _optional("schema_revision", sa.Text),
        _required("password_version", sa.Integer),
        _required("attempts", sa.Integer),
        _required("created_at", MOMENT),
        _required("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
        sa.UniqueConstraint("slug", name="uq_tenant_slug"),
        sa.UniqueConstraint("database", name="uq_tenant_database"),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], name="fk_tenant_server_id"),
        sa.CheckConstraint(
            "state IN ('provisioning', 'active', 'suspended', 'deleting', 'deleted', 'failed')",
            name=op.f("ck_tenant_state"),
        ),
    )
    op.create_index(
        "ix_tenant_unsettled",
        "tenant",
        ["state"],
        postgresql_where=sa.text("state NOT IN ('active', 'deleted')"),
    )


def _logins() -> None:
    op.create_table(
        "login",
        _required("id", sa.Text),
        _required("email", sa.Text),
        _required("email_key", sa.Text),
        _required("name", sa.Text),
        _required("password_hash", sa.Text),
        _required("token_version", sa.Integer),
        _required("is_active", sa.Boolean),
        _required("created_at", MOMENT),
        _required("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_login"),
        sa.UniqueConstraint("email_key", name="uq_login_email_key"),
    )


def _memberships() -> None:
    op.create_table(
        "user_company_map",
        _required("login_id", sa.Text),
        _required("tenant_id", sa.Text),
        _required("role", sa.Text),
        _required("state", sa.Text),
        _required("created_at", MOMENT),
        _required("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("login_id", "tenant_id", name="pk_user_company_map"),
        _cascading("user_company_map", "login_id", "login.id"),
        _cascading("user_company_map", "tenant_id", "tenant.id"),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'member', 'viewer')", name=op.f("ck_user_company_map_role")
        ),
        sa.CheckConstraint("state IN ('active', 'removed')", name=op.f("ck_user_company_map_state")),
    )
    op.create_index("ix_user_company_map_tenant_id", "user_company_map", ["tenant_id"])


def _refresh_families() -> None:
    op.create_table(
        "refresh_family",
        _required("id", sa.Text),
        _required("login_id", sa.Text),
        _required("tenant_id", sa.Text),
        _required("token_hash", sa.LargeBinary),
        _optional("previous_hash", sa.LargeBinary),
        _optional("user_agent", sa.Text),
        _required("created_at", MOMENT),
        _required("rotated_at", MOMENT),
        _required("expires_at", MOMENT),
        _optional("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_family"),
        _cascading("refresh_family", "login_id", "login.id"),
        _cascading("refresh_family", "tenant_id", "tenant.id"),
    )
    op.create_index("ix_refresh_family_login_id", "refresh_family", ["login_id"])


def _registrations() -> None:
    op.create_table(
        "registration",
        _required("key", sa.Text),
        _required("request_hash", sa.LargeBinary),
        _required("login_id", sa.Text),
        _required("tenant_id", sa.Text),
        _required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_registration"),
        _cascading("registration", "login_id", "login.id"),
        _cascading("registration", "tenant_id", "tenant.id"),
    )
    op.create_index("ix_registration_created_at", "registration", ["created_at"])


def _spares() -> None:
    op.create_table(
        "spare",
        _required("database", sa.Text),
        _required("server_id", sa.Integer),
        _required("revision", sa.Text),
        _required("state", sa.Text),
        _required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("database", name="pk_spare"),
        sa.ForeignKeyConstraint(["server_id"], ["server.id"], name="fk_spare_server_id"),
        sa.CheckConstraint("state IN ('making', 'ready')", name=op.f("ck_spare_state")),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        _required("bucket", sa.Text),
        _required("window_started_at", MOMENT),
        _required("count", sa.BigInteger),
        sa.PrimaryKeyConstraint("bucket", name="pk_attempts"),
    )
    op.create_index("ix_attempts_window_started_at", "attempts", ["window_started_at"])
