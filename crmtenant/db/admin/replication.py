"""Copies a company's database to another server by PostgreSQL's logical replication.

The subscriber starts as a copy of the template. The publisher's rows are copied, then its changes are applied until
both are equal. Sequences are not replicated; they are set at the end.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class psycopg2 spells in lower case)
from psycopg2.extensions import make_dsn

from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.admin.statements import statement
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.errors import OperatorError

NAME = "crmtenant_move"
COPY_SECONDS, CATCH_UP_SECONDS = 24 * 3600.0, 30.0
_PAUSE_SECONDS = 0.02
#: Filled in every copy of the template, so it is not replicated.
_UNREPLICATED = "alembic_version"

_TABLES = """
    SELECT relname, EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> %s ORDER BY relname
"""
_MAY_PUBLISH = "SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user"
_MAY_SUBSCRIBE = (
    "SELECT rolsuper OR pg_has_role('pg_create_subscription', 'USAGE') FROM pg_roles"
    " WHERE rolname = current_user"
)
_COPIED = """
    SELECT count(*) FILTER (WHERE srsubstate = 'r'), count(*) FROM pg_subscription_rel
    JOIN pg_subscription ON pg_subscription.oid = srsubid
    JOIN pg_database ON pg_database.oid = subdbid AND datname = current_database()
"""
_SLOT = "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s"
_SUBSCRIBERS = (
    "SELECT datname FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid"
    " WHERE subname = %s AND pg_get_userbyid(datdba) = %s"
)
_ABANDONED = "SELECT slot_name FROM pg_replication_slots WHERE starts_with(slot_name, %s) AND NOT active"


@dataclass(frozen=True, slots=True)
class ReplicatedDatabase:
    """The publishing or subscribing database, accessed as its server's administering role."""

    server: ServerAddress
    database: str

    @contextmanager
    def inside(self) -> Iterator[Administration]:
        """Yield an administering connection to the database."""
        with administering(self.server.admin(self.database)) as admin:
            yield admin

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Yield a plain autocommit connection to the database, without the administering timeouts."""
        with closing(self.server.admin(self.database).connect(application_name="crmtenant move")) as opened:
            opened.autocommit = True
            yield opened


def major_version(server: ServerAddress) -> int:
    """Return the major version of the server's PostgreSQL, such as 18."""
    with administering(server.admin()) as admin:
        (number,) = admin.row("SELECT current_setting('server_version_num')::int / 10000") or (0,)
        return int(number)


def replication_obstacle(source: ServerAddress, target: ServerAddress) -> str | None:
    """Return why databases cannot be replicated from the source to the target, or None if they can."""
    with administering(source.admin()) as admin:
        if admin.row("SHOW wal_level") != ("logical",):
            return "wal_level is not logical on the source server"
        if not admin.is_true(_MAY_PUBLISH):
            return "the administering role lacks REPLICATION on the source server"
    with administering(target.admin()) as admin:
        if not admin.is_true(_MAY_SUBSCRIBE):
            return "the administering role lacks pg_create_subscription on the target server"
    return None


class Replication:
    """Replication from a publisher to a subscriber, which has the same tables, but empty."""

    def __init__(
        self, publisher: ReplicatedDatabase, subscriber: ReplicatedDatabase, names: RoleNames
    ) -> None:
        self._publisher = publisher
        self._subscriber = subscriber
        self._names = names
        self._slot = slot_of(subscriber.database, names)

    def begin(self) -> None:
        """Start the replication. Raises `OperatorError` for tables that cannot be replicated."""
        with self._publisher.inside() as admin:
            tables = admin.rows(_TABLES, _UNREPLICATED)
            unkeyed = [name for name, has_key in tables if not has_key]
            if unkeyed:
                raise OperatorError(
                    f"Tables without a primary key cannot be replicated: {', '.join(unkeyed)}."
                )
            admin.run(statement("SET ROLE {}", self._names.owner))
            admin.run(statement("DROP PUBLICATION IF EXISTS {}", NAME))
            names = sql.SQL(", ").join(sql.Identifier("public", name) for name, _ in tables)
            admin.run(sql.SQL("CREATE PUBLICATION {} FOR TABLE {}").format(sql.Identifier(NAME), names))
        with self._subscriber.connected() as connection, connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH (slot_name = {}, binary = false)"
                ).format(
                    sql.Identifier(NAME),
                    sql.Literal(_conninfo(self._publisher)),
                    sql.Identifier(NAME),
                    sql.Literal(self._slot),
                )
            )

    def wait_until_copied(self, on_progress: Callable[[int, int], None]) -> None:
        """Wait until every table has been copied and changes are being applied."""
        deadline = time.monotonic() + COPY_SECONDS
        with self._subscriber.inside() as admin:
            while time.monotonic() < deadline:
                done, total = admin.row(_COPIED) or (0, 0)
                on_progress(done, total)
                if done == total:
                    return
                time.sleep(_PAUSE_SECONDS)
        raise OperatorError("Copying the tables took too long.")

    def catch_up(self) -> None:
        """Wait until the subscriber has all changes, and copy the sequences. The publisher must be closed to writes."""
        with self._publisher.inside() as admin:
            (position,) = admin.row("SELECT pg_current_wal_insert_lsn()::text") or ("",)
            deadline = time.monotonic() + CATCH_UP_SECONDS
            while not admin.is_true(_SLOT, position, self._slot):
                if time.monotonic() >= deadline:
                    raise OperatorError("The copy did not catch up in time.")
                time.sleep(_PAUSE_SECONDS)
            positions = admin.rows(
                "SELECT sequencename, last_value FROM pg_sequences"
                " WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )
        with self._subscriber.inside() as admin:
            for name, value in positions:
                admin.rows("SELECT setval(format('public.%%I', %s::text)::regclass, %s)", name, value)

    def end(self) -> None:
        """End the replication. Can be repeated."""
        drop_subscriptions(self._subscriber.server, self._subscriber.database)
        drop_slot(self._publisher.server, self._slot)
        with self._publisher.inside() as admin:
            admin.run(statement("DROP PUBLICATION IF EXISTS {}", NAME))


def drop_subscriptions(server: ServerAddress, database: str) -> None:
    """Drop the database's subscriptions, with which it could not be dropped."""
    with administering(server.admin()) as admin:
        found = admin.rows(
            "SELECT subname FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid"
            " WHERE datname = %s",
            database,
        )
    if not found:
        return
    with administering(server.admin(database)) as admin:
        for (name,) in found:
            admin.run(statement("ALTER SUBSCRIPTION {} DISABLE", name))
            admin.run(statement("ALTER SUBSCRIPTION {} SET (slot_name = NONE)", name))
            admin.run(statement("DROP SUBSCRIPTION {}", name))


def drop_slot(server: ServerAddress, slot: str) -> None:
    """Drop the replication slot, for which the server would keep all changes."""
    query = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    deadline = time.monotonic() + CATCH_UP_SECONDS
    with administering(server.admin()) as admin:
        while (found := admin.row(query, slot)) is not None:
            if not found[0]:
                admin.rows("SELECT pg_drop_replication_slot(%s)", slot)
                return
            if time.monotonic() >= deadline:
                raise OperatorError("The replication slot of a move is still in use.")
            time.sleep(_PAUSE_SECONDS)


def subscribers(server: ServerAddress, names: RoleNames) -> list[str]:
    """Return the installation's databases on this server that have a subscription."""
    with administering(server.admin()) as admin:
        return [database for (database,) in admin.rows(_SUBSCRIBERS, NAME, names.owner)]


def abandoned_slots(server: ServerAddress, names: RoleNames) -> dict[str, str]:
    """Return the installation's inactive replication slots, by subscribing database."""
    prefix = slot_of("", names)
    with administering(server.admin()) as admin:
        return {slot.removeprefix(prefix): slot for (slot,) in admin.rows(_ABANDONED, prefix)}


def slot_of(database: str, names: RoleNames) -> str:
    """Return the name of a database's slot. The catalog is hashed, because names of slots are short."""
    return f"move_{hashlib.sha256(names.catalog.encode()).hexdigest()[:8]}_{database}"


def _conninfo(publisher: ReplicatedDatabase) -> str:
    address = publisher.server.admin(publisher.database)
    parameters: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "user": address.user,
    }
    if address.password:
        parameters["password"] = address.password
    return str(make_dsn(**parameters))
