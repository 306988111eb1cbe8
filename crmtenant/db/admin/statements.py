"""Operations on one database or one role, each one statement or one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psycopg2 import sql

from crmtenant.db.admin.connection import Administration
from crmtenant.db.pool.label import Label, read_label
from crmtenant.db.secrets.role_names import scram_verifier
from crmtenant.errors import OperatorError

# By default every role may store large objects, which fill the disk.
WITHHOLD_LARGE_OBJECTS = """
DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
          AND (proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
END $$
"""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The state of a database. Broken: a drop was interrupted, and it can only be dropped again."""

    is_template: bool
    is_broken: bool


def statement(text: str, *names: str) -> sql.Composed:
    """Return the SQL with each `{}` replaced by a quoted identifier."""
    return sql.SQL(text).format(*map(sql.Identifier, names))


def database_state(admin: Administration, database: str, owner: str) -> DatabaseState | None:
    """Return the database's state, or None if it does not exist.

    Raises `OperatorError` if its owner is another role than `owner`.
    """
    row = admin.row(
        "SELECT pg_get_userbyid(datdba), datistemplate, datconnlimit = -2 "
        "FROM pg_database WHERE datname = %s",
        database,
    )
    if row is None:
        return None
    if row[0] != owner:
        raise OperatorError(f"the database {database} exists, but belongs to {row[0]}, not to {owner}")
    return DatabaseState(is_template=row[1], is_broken=row[2])


def create_empty(admin: Administration, database: str, owner: str) -> None:
    """Create an empty database that only its owner may connect to."""
    admin.run(
        statement(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' ALLOW_CONNECTIONS false",
            database,
            owner,
        )
    )
    open_to(admin, database)


def copy_template(
    admin: Administration,
    template: str,
    database: str,
    owner: str,
    strategy: Literal["wal_log", "file_copy"] = "wal_log",
) -> None:
    """Create a copy of the template, closed to everybody: the right to connect is not copied.

    `file_copy` waits for two checkpoints, and is what the setting `file_copy_method` is for.
    """
    admin.run(
        statement(
            f"CREATE DATABASE {{}} OWNER {{}} TEMPLATE {{}} STRATEGY {strategy} ALLOW_CONNECTIONS false",
            database,
            owner,
            template,
        )
    )


def open_to(admin: Administration, database: str, *roles: str) -> None:
    """Let these roles and the owner connect to the database, and no others."""
    steps = [
        statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", database),
        *(statement("GRANT CONNECT ON DATABASE {} TO {}", database, role) for role in roles),
        statement("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", database),
    ]
    admin.run(sql.SQL("; ").join(steps))


def close(admin: Administration, database: str) -> None:
    """Refuse all new connections to the database."""
    admin.run(statement("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", database))


def shut_out(admin: Administration, database: str, role: str) -> None:
    """Revoke the role's right to connect, and end its sessions: pooled ones would go on working.

    The owner can still connect: a suspended company is migrated and backed up like all others.
    """
    admin.run(statement("REVOKE CONNECT ON DATABASE {} FROM {}", database, role))
    act_as(admin, role, may_set=False)
    admin.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
        database,
        role,
    )


def seal_template(admin: Administration, database: str) -> None:
    """Mark the database as a template that takes no connections."""
    admin.run(statement("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false", database))


def withhold_large_objects(admin: Administration) -> bool:
    """Forbid large objects in this database. Returns False where the administering role is no superuser."""
    if not admin.is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return False
    admin.run(WITHHOLD_LARGE_OBJECTS)
    return True


def label_in(admin: Administration, database: str) -> Label | None:
    """Return the database's label, or None if it has none or does not exist."""
    row = admin.row(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", database
    )
    return read_label(row[0]) if row else None


def set_label(admin: Administration, database: str, label: Label) -> None:
    """Write the database's label."""
    admin.run(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(label.text()))
    )


def end_sessions(admin: Administration, database: str) -> None:
    """End the database's sessions of all roles whose rights the administering role has.

    Close the database first, so that no new ones begin.
    """
    admin.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = %s AND backend_type = 'client backend' AND pg_has_role(usesysid, 'USAGE')",
        database,
    )


def drop(admin: Administration, database: str, *, is_broken: bool = False) -> None:
    """Drop the database, ending its sessions first.

    WITH (FORCE) is refused to an administering role that is no superuser while autovacuum works in the database; a
    plain DROP DATABASE cancels autovacuum. A broken database cannot be altered and has no sessions.
    """
    if not is_broken:
        close(admin, database)
        end_sessions(admin, database)
    admin.run(statement("DROP DATABASE {}", database))


def rename(admin: Administration, database: str, name: str) -> None:
    """Rename the database, which nobody can connect to any more."""
    close(admin, database)
    end_sessions(admin, database)
    admin.run(statement("ALTER DATABASE {} RENAME TO {}", database, name))


def role_exists(admin: Administration, role: str) -> bool:
    """Return whether the role exists."""
    return admin.row("SELECT FROM pg_roles WHERE rolname = %s", role) is not None


def ensure_group(admin: Administration, role: str) -> None:
    """Create the role, which cannot log in, if it is missing."""
    if not role_exists(admin, role):
        admin.run(statement("CREATE ROLE {} NOLOGIN", role))


def ensure_login(
    admin: Administration,
    role: str,
    password: str,
    *,
    connection_limit: int = -1,
    inherits_from: str | None = None,
    group: str | None = None,
) -> None:
    """Create or alter the role so that it can log in with this password.

    It inherits the rights of `inherits_from`, but cannot SET ROLE to it, and is a member of `group` without its
    rights.
    """
    verb = "ALTER" if role_exists(admin, role) else "CREATE"
    steps = [
        sql.SQL("{} ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(
            sql.SQL(verb),
            sql.Identifier(role),
            sql.Literal(scram_verifier(password)),
            sql.Literal(connection_limit),
        )
    ]
    if inherits_from:
        steps.append(statement("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE", inherits_from, role))
    if group:
        steps.append(statement("GRANT {} TO {} WITH INHERIT FALSE, SET FALSE", group, role))
    admin.run(sql.SQL("; ").join(steps))


def act_as(admin: Administration, role: str, *, may_set: bool) -> None:
    """Grant the administering role the rights of `role`, and SET ROLE to it if `may_set`."""
    if not admin.is_true("SELECT pg_has_role(%s, 'USAGE')", role):
        set_option = "TRUE" if may_set else "FALSE"
        admin.run(statement(f"GRANT {{}} TO CURRENT_USER WITH INHERIT TRUE, SET {set_option}", role))
