"""The connection pool: one for all companies' databases, with a fixed limit of open connections.

A connection belongs to one database as long as it is open. When the limit is reached, the least recently used
idle connection is closed to open one to another database. All companies share one dialect and one compile cache,
so a company uses no memory in Python beyond its connections (ADR 2).
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg2

from crmtenant.db.pool.connection import PooledConnection, Purpose, open_connection
from crmtenant.db.pool.reader import Reader
from crmtenant.db.pool.sessions import Sessions
from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.address import DatabaseAddress

WAIT_SECONDS = 2.0


class Broker:
    """A pool of at most `budget` open connections in total and `per_database` to one database."""

    def __init__(
        self, *, budget: int, per_database: int, simultaneous_connects: int, statement_timeout_seconds: int
    ) -> None:
        self._statement_timeout_seconds = statement_timeout_seconds
        self.limit(budget, per_database, simultaneous_connects)
        self._changed = threading.Condition()
        self._idle: OrderedDict[PooledConnection, None] = OrderedDict()
        self._idle_for: defaultdict[Purpose, list[PooledConnection]] = defaultdict(list)
        self._busy: set[PooledConnection] = set()
        self._open: Counter[DatabaseAddress] = Counter()
        self._total = 0
        self._sessions = Sessions(self)

    def limit(self, budget: int, per_database: int, simultaneous_connects: int) -> None:
        """Set what may be open, or be opened at the same time, before anything is."""
        self._budget = budget
        self._per_database = per_database
        self._connecting = threading.BoundedSemaphore(simultaneous_connects)

    @property
    def open_connections(self) -> int:
        """The number of connections that are open or being opened."""
        return self._total

    def reader(self, address: DatabaseAddress) -> Reader:
        """Return a reader of this database. The caller closes it."""
        return Reader(self, address)

    @contextmanager
    def reading(self, address: DatabaseAddress) -> Iterator[Reader]:
        """Yield a reader of this database, closed at the end of the with block."""
        reader = self.reader(address)
        try:
            yield reader
        finally:
            reader.close()

    def session(self, address: DatabaseAddress) -> Session:
        """Return a session that joins this thread's transaction (`sessions.MANAGER`) when it is first used."""
        return self._sessions.joined(address)

    @contextmanager
    def begin(self, address: DatabaseAddress) -> Iterator[Session]:
        """Yield a session that commits when the with block ends and rolls back when it raises."""
        with self._sessions.own(address) as session, session.begin():
            yield session

    def take(self, purpose: Purpose) -> PooledConnection:
        """Return an idle or new connection for this purpose. Raises `Unavailable` when none becomes free in time."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            with self._changed:
                pooled = self._idle_or_reserved(purpose, deadline)
            if pooled is None:
                return self._connect(purpose)
            if not pooled.is_dead():
                return pooled
            self._drop(pooled)

    def forget(self, address: DatabaseAddress) -> None:
        """Close the connections to this database: idle ones now, busy ones when they are returned."""
        with self._changed:
            for pooled in self._busy:
                pooled.is_doomed = pooled.is_doomed or pooled.purpose.address.is_same_database(address)
            removed = [pooled for pooled in self._idle if pooled.purpose.address.is_same_database(address)]
            for pooled in removed:
                self._remove_idle(pooled)
        self._disconnect(removed)

    def close(self) -> None:
        """Close all connections: idle ones now, busy ones when they are returned."""
        with self._changed:
            addresses = set(self._open)
        for address in addresses:
            self.forget(address)

    def _idle_or_reserved(self, purpose: Purpose, deadline: float) -> PooledConnection | None:
        """Return an idle connection, or None after reserving a place for a new one."""
        while True:
            if idle := self._idle_for.get(purpose):
                pooled = idle[-1]
                self._remove_idle(pooled)
                self._busy.add(pooled)
                return pooled
            if self._make_room(purpose.address):
                self._open[purpose.address] += 1
                self._total += 1
                return None
            if not self._changed.wait(deadline - time.monotonic()):
                raise Unavailable("Too many requests are being served at the same time.")

    def _make_room(self, address: DatabaseAddress) -> bool:
        """Return whether one more connection may be opened, closing an idle one if that makes room."""
        if self._open[address] >= self._per_database:
            victim = next((pooled for pooled in self._idle if pooled.purpose.address == address), None)
        elif self._total >= self._budget:
            victim = next(iter(self._idle), None)
        else:
            return True
        if victim is None:
            return False
        self._remove_idle(victim)
        self._disconnect_one(victim)
        return True

    def _connect(self, purpose: Purpose) -> PooledConnection:
        try:
            with self._connecting:
                pooled = open_connection(purpose, self._return_to_pool, self._statement_timeout_seconds)
        except psycopg2.OperationalError as refusal:
            self._release(purpose.address)
            raise Unavailable from refusal
        except BaseException:
            self._release(purpose.address)
            raise
        with self._changed:
            self._busy.add(pooled)
        return pooled

    def _return_to_pool(self, pooled: PooledConnection) -> None:
        with self._changed:
            if pooled not in self._busy:
                return
            if pooled.is_reusable():
                self._busy.discard(pooled)
                self._idle[pooled] = None
                self._idle_for[pooled.purpose].append(pooled)
                # All, because the waiting threads want connections to different databases.
                self._changed.notify_all()
                return
        self._drop(pooled)

    def _drop(self, pooled: PooledConnection) -> None:
        with self._changed:
            self._busy.discard(pooled)
        self._disconnect([pooled])

    def _disconnect(self, removed: list[PooledConnection]) -> None:
        with self._changed:
            for pooled in removed:
                self._disconnect_one(pooled)

    def _disconnect_one(self, pooled: PooledConnection) -> None:
        pooled.disconnect()
        self._release(pooled.purpose.address)

    def _release(self, address: DatabaseAddress) -> None:
        with self._changed:
            self._total -= 1
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
            self._changed.notify_all()

    def _remove_idle(self, pooled: PooledConnection) -> None:
        del self._idle[pooled]
        idle = self._idle_for[pooled.purpose]
        idle.remove(pooled)
        if not idle:
            del self._idle_for[pooled.purpose]
