"""One company's database followed by another on a second server, by PostgreSQL's logical replication.

The follower starts as a copy of the same template. What the leader has is copied, then what happens in it is
repeated, until the two are the same. Sequences are not replicated; they are set at the end.
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
#: Every company has these before it has anything, so they are not copied.
_OWN = "alembic_version"

_TABLES = """
    SELECT relname, EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> %s ORDER BY relname
"""
_MAY_LEAD = "SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user"
_MAY_FOLLOW = (
    "SELECT rolsuper OR pg_has_role('pg_create_subscription', 'USAGE') FROM pg_roles"
    " WHERE rolname = current_user"
)
_COPIED = """
    SELECT count(*) FILTER (WHERE srsubstate = 'r'), count(*) FROM pg_subscription_rel
    JOIN pg_subscription ON pg_subscription.oid = srsubid
    JOIN pg_database ON pg_database.oid = subdbid AND datname = current_database()
"""
_SLOT = "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s"
_FOLLOWERS = (
    "SELECT datname FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid"
    " WHERE subname = %s AND pg_get_userbyid(datdba) = %s"
)
_ABANDONED = "SELECT slot_name FROM pg_replication_slots WHERE starts_with(slot_name, %s) AND NOT active"


@dataclass(frozen=True, slots=True)
class End:
    """A database that leads or follows, seen by its server's administering role."""

    server: ServerAddress
    database: str

    @contextmanager
    def inside(self) -> Iterator[Administration]:
        """The administering role's connection to the database."""
        with administering(self.server.admin(self.database)) as admin:
            yield admin

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A plain connection of the administering role to the database, in autocommit."""
        with closing(self.server.admin(self.database).connect(application_name="crmtenant move")) as opened:
            opened.autocommit = True
            yield opened


def major_version(server: ServerAddress) -> int:
    """The server's PostgreSQL: 16, 17, 18."""
    with administering(server.admin()) as admin:
        (number,) = admin.row("SELECT current_setting('server_version_num')::int / 10000") or (0,)
        return int(number)


def why_not(leader: ServerAddress, follower: ServerAddress) -> str | None:
    """Why a database cannot be followed from one server on the other; None if it can."""
    with administering(leader.admin()) as admin:
        if admin.row("SHOW wal_level") != ("logical",):
            return "wal_level is not logical on the server it leaves"
        if not admin.is_true(_MAY_LEAD):
            return "our role may not replicate from the server it leaves (REPLICATION)"
    with administering(follower.admin()) as admin:
        if not admin.is_true(_MAY_FOLLOW):
            return "our role may not subscribe on the server it goes to (pg_create_subscription)"
    return None


class Replication:
    """A follower of a leader, from `begin` to `end`. The follower has the leader's tables, and they are empty."""

    def __init__(self, leader: End, follower: End, names: RoleNames) -> None:
        self._leader = leader
        self._follower = follower
        self._names = names
        self._slot = slot_of(follower.database, names)

    def begin(self) -> None:
        """Nothing comes back; the copying has begun. `OperatorError` where it cannot."""
        with self._leader.inside() as admin:
            tables = admin.rows(_TABLES, _OWN)
            unkeyed = [name for name, has_key in tables if not has_key]
            if unkeyed:
                raise OperatorError(f"Tables without a primary key cannot follow: {', '.join(unkeyed)}.")
            admin.run(statement("SET ROLE {}", self._names.owner))
            admin.run(statement("DROP PUBLICATION IF EXISTS {}", NAME))
            names = sql.SQL(", ").join(sql.Identifier("public", name) for name, _ in tables)
            admin.run(sql.SQL("CREATE PUBLICATION {} FOR TABLE {}").format(sql.Identifier(NAME), names))
        with self._follower.connected() as connection, connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH (slot_name = {}, binary = false)"
                ).format(
                    sql.Identifier(NAME),
                    sql.Literal(_conninfo(self._leader)),
                    sql.Identifier(NAME),
                    sql.Literal(self._slot),
                )
            )

    def wait_until_copied(self, on_progress: Callable[[int, int], None]) -> None:
        """Nothing comes back; every table was copied, and changes since are being repeated."""
        deadline = time.monotonic() + COPY_SECONDS
        with self._follower.inside() as admin:
            while time.monotonic() < deadline:
                done, total = admin.row(_COPIED) or (0, 0)
                on_progress(done, total)
                if done == total:
                    return
                time.sleep(_PAUSE_SECONDS)
        raise OperatorError("The copying did not come to an end.")

    def catch_up(self) -> None:
        """Nothing comes back; everything that was committed at the leader is at the follower. Nobody may be
        writing there any more."""
        with self._leader.inside() as admin:
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
        with self._follower.inside() as admin:
            for name, value in positions:
                admin.rows("SELECT setval(format('public.%%I', %s::text)::regclass, %s)", name, value)

    def end(self) -> None:
        """Nothing comes back; the two have nothing to do with each other any more. Can be repeated."""
        drop_subscriptions(self._follower.server, self._follower.database)
        drop_slot(self._leader.server, self._slot)
        with self._leader.inside() as admin:
            admin.run(statement("DROP PUBLICATION IF EXISTS {}", NAME))


def drop_subscriptions(server: ServerAddress, database: str) -> None:
    """Nothing comes back; the database follows no other. With a subscription it could not be dropped."""
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
    """Nothing comes back; the slot is gone: as long as it is there, the server keeps every change for it."""
    question = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    deadline = time.monotonic() + CATCH_UP_SECONDS
    with administering(server.admin()) as admin:
        while (found := admin.row(question, slot)) is not None:
            if not found[0]:
                admin.rows("SELECT pg_drop_replication_slot(%s)", slot)
                return
            if time.monotonic() >= deadline:
                raise OperatorError("The replication slot of a move is still in use.")
            time.sleep(_PAUSE_SECONDS)


def followers(server: ServerAddress, names: RoleNames) -> list[str]:
    """The databases of the installation on this server that follow another."""
    with administering(server.admin()) as admin:
        return [database for (database,) in admin.rows(_FOLLOWERS, NAME, names.owner)]


def abandoned_slots(server: ServerAddress, names: RoleNames) -> dict[str, str]:
    """The slots of the installation's moves that nobody is reading from now, by the database that followed."""
    prefix = slot_of("", names)
    with administering(server.admin()) as admin:
        return {slot.removeprefix(prefix): slot for (slot,) in admin.rows(_ABANDONED, prefix)}


def slot_of(database: str, names: RoleNames) -> str:
    """The slot a database follows by. Several installations may share a server, and a slot's name is short."""
    return f"move_{hashlib.sha256(names.catalog.encode()).hexdigest()[:8]}_{database}"


def _conninfo(leader: End) -> str:
    address = leader.server.admin(leader.database)
    given: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "user": address.user,
    }
    if address.password:
        given["password"] = address.password
    return str(make_dsn(**given))
