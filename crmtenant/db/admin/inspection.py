"""Reads the state of the companies' databases and roles from a server. Nothing is changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg2 import sql

from crmtenant.db.admin.checksums import lagging_sequences, owned_sequences
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.admin.inventory import is_companys
from crmtenant.db.pool.label import Label, read_label

if TYPE_CHECKING:
    from crmtenant.db.pool.address import ServerAddress

_DATABASES = """
    SELECT datname, pg_get_userbyid(datdba), datconnlimit = -2, datallowconn, datconnlimit >= 0,
        ARRAY(SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END
              FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
              WHERE privilege_type = 'CONNECT' AND grantee <> datdba ORDER BY 1),
        shobj_description(oid, 'pg_database')
    FROM pg_database WHERE datname ~ '^t_'
"""
_ROLES = """
    SELECT rolname, rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls),
        rolconnlimit,
        EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = pg_roles.oid),
        ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = pg_roles.oid ORDER BY 1)
    FROM pg_roles WHERE rolname ~ '^t_'
"""
# All that defines a schema, a line for each thing, without statistics and rows.
_SCHEMA = """
        SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
                         attidentity, attgenerated, pg_get_expr(adbin, adrelid)) AS line
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
          AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid),
                                   convalidated)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'index', indrelid::regclass, indexrelid::regclass,
                                   pg_get_indexdef(indexrelid), indisvalid)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, pg_get_triggerdef(pg_trigger.oid),
                                   tgenabled)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', 'function', oid::regprocedure, md5(pg_get_functiondef(oid)),
            (SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest(proacl) AS item))
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
        UNION ALL SELECT concat_ws(' ', 'access', relkind, oid::regclass, pg_get_userbyid(relowner), relrowsecurity,
            (SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest(relacl) AS item))
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL SELECT concat_ws(' ', 'schema', nspname,
            (SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest(nspacl) AS item))
        FROM pg_namespace WHERE nspname = 'public'
"""
_FINGERPRINT = f"""
    SELECT md5(string_agg(line, E'\\n' ORDER BY line COLLATE "C")) FROM ({_SCHEMA}) AS lines
"""  # noqa: S608 (constants)
# backend_type is null for connections of roles whose rights the administering role does not have.
_CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
"""
# Directories that belong to no database are left over from a crash, unless they are new: then a database is being
# created or dropped.
_ORPHANS = """
    SELECT count(*) FROM pg_ls_dir('base') AS name
    WHERE name ~ '^[0-9]+$' AND NOT EXISTS (SELECT FROM pg_database WHERE oid = name::oid)
      AND (pg_stat_file('base/' || name, true)).modification < now() - interval '10 minutes'
"""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """A database on the server. `allowed_roles` may connect beside its owner; `is_limited` is whether it has a
    connection limit of its own."""

    name: str
    owner: str
    is_broken: bool
    is_open: bool
    is_limited: bool
    allowed_roles: tuple[str, ...]
    label: Label | None


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role on the server. `is_plain` is whether it can log in and has no cluster-wide privileges."""

    name: str
    is_plain: bool
    connection_limit: int
    has_settings: bool
    member_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The state of a server. `skew_seconds` is how far its clock is ahead of this machine's. `orphans` is None where
    the administering role is no superuser."""

    databases: dict[str, DatabaseFacts]
    roles: dict[str, RoleFacts]
    connections: int
    max_connections: int
    password_encryption: str
    skew_seconds: float
    orphans: int | None
    withholds_large_objects: bool


def examine(server: ServerAddress) -> ServerFacts:
    """Return the state of the server."""
    with administering(server.admin()) as admin:
        found = [
            DatabaseFacts(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), read_label(row[6]))
            for row in admin.rows(_DATABASES)
            if is_companys(row[0])
        ]
        roles = [
            RoleFacts(row[0], row[1], row[2], row[3], tuple(row[4]))
            for row in admin.rows(_ROLES)
            if is_companys(row[0])
        ]
        is_superuser = admin.is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return ServerFacts(
            databases={one.name: one for one in found},
            roles={one.name: one for one in roles},
            connections=_value(admin, _CONNECTIONS),
            max_connections=int(_value(admin, "SELECT current_setting('max_connections')")),
            password_encryption=_value(admin, "SELECT current_setting('password_encryption')"),
            skew_seconds=_skew_seconds(admin),
            orphans=_value(admin, _ORPHANS) if is_superuser else None,
            withholds_large_objects=is_superuser,
        )


def fingerprint(server: ServerAddress, database: str) -> str:
    """Return a digest of the database's schema: equal for equal schemas."""
    with administering(server.admin(database)) as inside:
        return str(_value(inside, _FINGERPRINT))


def schema_of(server: ServerAddress, database: str) -> frozenset[str]:
    """Return all that defines the database's schema, such as `column contact name text t`."""
    with administering(server.admin(database)) as inside:
        return frozenset(line for (line,) in inside.rows(_SCHEMA))


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What is in a company's database: its schema's fingerprint, the companies whose it says it is, and the sequences
    that would return a number that is used already."""

    fingerprint: str
    company_ids: frozenset[str]
    lagging_sequences: tuple[str, ...]


def examine_contents(server: ServerAddress, database: str) -> ContentFacts:
    """Return what is in a company's database."""
    with administering(server.admin(database)) as inside, inside.cursor() as cursor:
        return ContentFacts(
            str(_value(inside, _FINGERPRINT)),
            frozenset(company_id for (company_id,) in inside.rows("SELECT id FROM public.company")),
            tuple(lagging_sequences(cursor)),
        )


def advance_sequences(server: ServerAddress, database: str, sequences: tuple[str, ...]) -> None:
    """Have the sequences go on after the highest number in their columns."""
    with administering(server.admin(database)) as inside, inside.cursor() as cursor:
        for sequence, table, column in owned_sequences(cursor):
            if sequence in sequences:
                inside.rows(
                    sql.SQL("SELECT setval({}, (SELECT coalesce(max({}), 1) FROM public.{}))").format(
                        sql.Literal(f"public.{sequence}"), sql.Identifier(column), sql.Identifier(table)
                    )
                )


def _skew_seconds(admin: Administration) -> float:
    server_time = float(_value(admin, "SELECT extract(epoch FROM clock_timestamp())"))
    return server_time - time.time()


def _value(admin: Administration, query: str) -> Any:
    row = admin.row(query)
    assert row is not None
    return row[0]
