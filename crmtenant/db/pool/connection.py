"""Pooled connections, and how they are opened."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, new_type
from psycopg2.extras import register_default_json, register_default_jsonb

from crmtenant.db.pool.label import OWN_LABEL, Label, read_label
from crmtenant.db.pool.timing import TimedConnection
from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

register_default_json(loads=orjson.loads, globally=True)
register_default_jsonb(loads=orjson.loads, globally=True)

_JSONB_OID = 3802
# Not as options of the connection: poolers such as PgBouncer reject or ignore those.
_BEGIN = f"""
    SELECT current_database(), {OWN_LABEL}, set_config('TimeZone', 'UTC', false),
           set_config('statement_timeout', %s, false), set_config('default_transaction_read_only', %s, false)
"""


def _json_fragment(text: str | None, _: object) -> orjson.Fragment | None:
    return None if text is None else orjson.Fragment(text)


#: Registered on a cursor, returns JSONB as unparsed fragments for a larger JSON document.
JSONB_FRAGMENTS = new_type((_JSONB_OID,), "JSONB_FRAGMENTS", _json_fragment)


class Purpose(NamedTuple):
    """The database of a connection, and whether it only reads. Neither changes while it is open."""

    address: DatabaseAddress
    is_read_only: bool


class PooledConnection(TimedConnection):
    """A psycopg2 connection whose `close` returns it to the pool, so SQLAlchemy needs none of its own."""

    purpose: Purpose
    return_to_pool: Callable[[PooledConnection], None]
    is_doomed: bool = False

    def close(self) -> None:
        """Return the connection to the pool."""
        self.return_to_pool(self)

    def disconnect(self) -> None:
        """Close the connection to the server."""
        super().close()

    def is_reusable(self) -> bool:
        """Return whether the pool may hand it out again: open, not doomed and in no transaction."""
        is_idle = not self.closed and self.get_transaction_status() == TRANSACTION_STATUS_IDLE
        return is_idle and not self.is_doomed

    def is_dead(self) -> bool:
        """Return whether the server closed an idle connection: only then has it something to read."""
        if self.closed:
            return True
        return has_input(self.fileno())


def has_input(descriptor: int, wait_seconds: float = 0) -> bool:
    """Return whether there is something to read from the descriptor, or its other end is closed, by then at the latest.

    Not by `select()`, which knows no descriptors beyond 1023.
    """
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(wait_seconds * 1000))


class ConnectionSource(Protocol):
    """Something that hands out pooled connections, such as the broker."""

    def take(self, purpose: Purpose) -> PooledConnection:
        """Return a connection for this purpose. Raises `Unavailable` when none becomes free in time."""


def open_connection(
    purpose: Purpose, return_to_pool: Callable[[PooledConnection], None], statement_timeout_seconds: int
) -> PooledConnection:
    """Open a connection for this purpose and check that it is to the right database.

    A read-only connection cannot write. Raises `Unavailable` for another database, and for one whose label says that
    the catalog is behind.
    """
    opened: PooledConnection = purpose.address.connect(connection_factory=PooledConnection)
    try:
        opened.autocommit = True
        with opened.cursor() as cursor:
            is_read_only = "on" if purpose.is_read_only else "off"
            cursor.execute(_BEGIN, (f"{statement_timeout_seconds}s", is_read_only))
            database, comment, *_ = cursor.fetchone()
        if database != purpose.address.database or not _agrees(read_label(comment), purpose.address):
            raise Unavailable
        opened.autocommit = purpose.is_read_only
    except BaseException:
        opened.disconnect()
        raise
    opened.purpose = purpose
    opened.return_to_pool = return_to_pool
    return opened


def _agrees(label: Label | None, address: DatabaseAddress) -> bool:
    if label is None:
        return True
    is_its_own = address.company_id in {None, label.company_id}
    return is_its_own and (address.epoch is None or label.is_served_at(address.epoch))
