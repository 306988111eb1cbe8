"""A pooled connection, and how one is opened."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection, new_type
from psycopg2.extras import register_default_json, register_default_jsonb

from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

register_default_json(loads=orjson.loads, globally=True)
register_default_jsonb(loads=orjson.loads, globally=True)

_JSONB_OID = 3802
# Not as an option of the connection: poolers such as PgBouncer refuse those, or leave them out.
_BEGIN = """
    SELECT current_database(), set_config('TimeZone', 'UTC', false),
           set_config('statement_timeout', %s, false), set_config('default_transaction_read_only', %s, false)
"""


def _as_it_is(text: str | None, _: object) -> orjson.Fragment | None:
    return None if text is None else orjson.Fragment(text)


#: registered on a cursor, makes its JSONB parts of a larger JSON document, without reading them
JSONB_AS_IT_IS = new_type((_JSONB_OID,), "JSONB_AS_IT_IS", _as_it_is)


class Purpose(NamedTuple):
    """What a connection is for. It belongs to one database, and to reading or writing, for life."""

    address: DatabaseAddress
    is_read_only: bool


class PooledConnection(connection):  # type: ignore[misc]  # psycopg2 carries no types
    """A psycopg2 connection whose `close` gives it back, so SQLAlchemy needs no pool of its own."""

    purpose: Purpose
    give_back: Callable[[PooledConnection], None]
    is_doomed: bool = False

    def close(self) -> None:
        """Nothing comes back; the pool has the connection again."""
        self.give_back(self)

    def disconnect(self) -> None:
        """Nothing comes back; the connection to the server is gone."""
        super().close()

    def is_reusable(self) -> bool:
        """Whether somebody else may have it: alive, not doomed, and in no transaction that nobody ended."""
        is_idle = not self.closed and self.get_transaction_status() == TRANSACTION_STATUS_IDLE
        return is_idle and not self.is_doomed

    def is_dead(self) -> bool:
        """Whether the server hung up: an idle connection with something to read has been told goodbye."""
        if self.closed:
            return True
        readable, _, _ = select.select([self.fileno()], [], [], 0)
        return bool(readable)


class ConnectionSource(Protocol):
    """Hands out pooled connections; the broker does."""

    def take(self, purpose: Purpose) -> PooledConnection:
        """Return a connection for this purpose. Raises `Unavailable` when none comes free in time."""


def open_connection(
    purpose: Purpose, give_back: Callable[[PooledConnection], None], statement_timeout_seconds: int
) -> PooledConnection:
    """A connection for this purpose, proven to be in the right database. Reading ones cannot write."""
    opened: PooledConnection = purpose.address.connect(connection_factory=PooledConnection)
    try:
        opened.autocommit = True
        with opened.cursor() as cursor:
            is_read_only = "on" if purpose.is_read_only else "off"
            cursor.execute(_BEGIN, (f"{statement_timeout_seconds}s", is_read_only))
            database, *_ = cursor.fetchone()
        if database != purpose.address.database:
            raise Unavailable
        opened.autocommit = purpose.is_read_only
    except BaseException:
        opened.disconnect()
        raise
    opened.purpose = purpose
    opened.give_back = give_back
    return opened
