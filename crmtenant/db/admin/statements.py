"""What can be done to one database or one role, each in one statement or one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2 import sql

from crmtenant.db.admin.connection import Administration
from crmtenant.db.secrets.role_names import scram_verifier
from crmtenant.errors import OperatorError

# PostgreSQL lets everybody store large objects; nobody else would see them, but they fill the disk.
_WITHHOLD_LARGE_OBJECTS = """
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
    """What PostgreSQL says of a database. Broken: a drop was interrupted, and only another drop helps."""

    is_template: bool
    is_broken: bool


def statement(text: str, *names: str) -> sql.Composed:
    """SQL with each `{}` replaced by a quoted identifier."""
    return sql.SQL(text).format(*map(sql.Identifier, names))


def database_state(admin: Administration, database: str, owner: str) -> DatabaseState | None:
    """The database's state, or None if there is no such database.

    Raises `OperatorError` if it is not `owner`'s: it belongs to somebody else on this server.
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
    """Nothing comes back; there is a new database nobody but its owner may connect to."""
    admin.run(
        statement(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' ALLOW_CONNECTIONS false",
            database,
            owner,
        )
    )
    open_to(admin, database)


def copy_template(admin: Administration, template: str, database: str, owner: str) -> None:
    """Nothing comes back; there is a copy of the template, closed: who may connect is not copied."""
    admin.run(
        statement(
            "CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY wal_log ALLOW_CONNECTIONS false",
            database,
            owner,
            template,
        )
    )


def open_to(admin: Administration, database: str, *roles: str) -> None:
    """Nothing comes back; the database takes connections of these roles, of its owner, and of no others."""
    steps = [
        statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", database),
        *(statement("GRANT CONNECT ON DATABASE {} TO {}", database, role) for role in roles),
        statement("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", database),
    ]
    admin.run(sql.SQL("; ").join(steps))


def close(admin: Administration, database: str) -> None:
    """Nothing comes back; the database takes no new connections, of anybody."""
    admin.run(statement("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", database))


def shut_out(admin: Administration, database: str, role: str) -> None:
    """Nothing comes back; the role cannot connect any more, and has no session in the database.

    Its owner can: what is suspended is migrated and saved like everything else. Taking CONNECT away alone
    would leave pooled sessions working.
    """
    admin.run(statement("REVOKE CONNECT ON DATABASE {} FROM {}", database, role))
    act_as(admin, role, may_set=False)
    admin.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
        database,
        role,
    )


def seal_template(admin: Administration, database: str) -> None:
    """Nothing comes back; the database can be copied and never again be connected to."""
    admin.run(statement("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false", database))


def withhold_large_objects(admin: Administration) -> bool:
    """Whether large objects cannot be made in this database any more. Only a superuser can see to that."""
    if not admin.is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return False
    admin.run(_WITHHOLD_LARGE_OBJECTS)
    return True


def end_sessions(admin: Administration, database: str) -> None:
    """Nothing comes back; whoever we have the rights of has no session in the database any more.

    It must be closed already, or new ones may have begun meanwhile.
    """
    admin.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = %s AND backend_type = 'client backend' AND pg_has_role(usesysid, 'USAGE')",
        database,
    )


def drop(admin: Administration, database: str, *, is_broken: bool = False) -> None:
    """Nothing comes back; the database is gone, and whoever was in it has been thrown out.

    Not by WITH (FORCE): that is refused to an administrator who is no superuser while autovacuum happens to
    be in the database. A plain DROP DATABASE sends autovacuum away itself. A broken one cannot be altered,
    and nobody can be in it.
    """
    if not is_broken:
        close(admin, database)
        end_sessions(admin, database)
    admin.run(statement("DROP DATABASE {}", database))


def role_exists(admin: Administration, role: str) -> bool:
    """Whether there is such a role."""
    return admin.row("SELECT FROM pg_roles WHERE rolname = %s", role) is not None


def ensure_group(admin: Administration, role: str) -> None:
    """Nothing comes back; there is such a role, which nobody can log in as."""
    if not role_exists(admin, role):
        admin.run(statement("CREATE ROLE {} NOLOGIN", role))


def ensure_login(
    admin: Administration,
    role: str,
    password: str,
    *,
    connection_limit: int = -1,
    reads_as: str | None = None,
    group: str | None = None,
) -> None:
    """Nothing comes back; there is such a role, which logs in with this password.

    It may do what `reads_as` may, without ever becoming it, and is merely listed in `group`.
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
    if reads_as:
        steps.append(statement("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE", reads_as, role))
    if group:
        steps.append(statement("GRANT {} TO {} WITH INHERIT FALSE, SET FALSE", group, role))
    admin.run(sql.SQL("; ").join(steps))


def act_as(admin: Administration, role: str, *, may_set: bool) -> None:
    """Nothing comes back; the administering role has the rights of `role`, and may become it if `may_set`."""
    if not admin.is_true("SELECT pg_has_role(%s, 'USAGE')", role):
        set_option = "TRUE" if may_set else "FALSE"
        admin.run(statement(f"GRANT {{}} TO CURRENT_USER WITH INHERIT TRUE, SET {set_option}", role))
