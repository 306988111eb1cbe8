"""Every pooled connection, to whichever company's database, comes from one broker with one hard budget.

A connection is never re-pointed: it belongs to one database for life, and the least recently used idle one is
closed to make room for another company's. The companies share one dialect and one compile cache, so a company
costs no memory in Python beyond the connections it holds (ADR 2).
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

PATIENCE_SECONDS = 2.0


class Broker:
    """Hands out connections: never more than `budget` open in all, nor `per_database` to one database."""

    def __init__(
        self, *, budget: int, per_database: int, simultaneous_connects: int, statement_timeout_seconds: int
    ) -> None:
        self._budget = budget
        self._per_database = per_database
        self._statement_timeout_seconds = statement_timeout_seconds
        self._connecting = threading.BoundedSemaphore(simultaneous_connects)
        self._changed = threading.Condition()
        self._idle: OrderedDict[PooledConnection, None] = OrderedDict()
        self._idle_for: defaultdict[Purpose, list[PooledConnection]] = defaultdict(list)
        self._busy: set[PooledConnection] = set()
        self._open: Counter[DatabaseAddress] = Counter()
        self._total = 0
        self._sessions = Sessions(self)

    @property
    def open_connections(self) -> int:
        """How many connections are open or being opened."""
        return self._total

    def reader(self, address: DatabaseAddress) -> Reader:
        """A reader of this database; whoever asked for it closes it."""
        return Reader(self, address)

    @contextmanager
    def reading(self, address: DatabaseAddress) -> Iterator[Reader]:
        """A reader of this database for the length of a with block."""
        reader = self.reader(address)
        try:
            yield reader
        finally:
            reader.close()

    def session(self, address: DatabaseAddress) -> Session:
        """A session that joins this thread's transaction (db/sessions.py) when it is first used."""
        return self._sessions.joined(address)

    @contextmanager
    def begin(self, address: DatabaseAddress) -> Iterator[Session]:
        """A session in a transaction of its own: commits when the block ends, rolls back when it raises."""
        with self._sessions.own(address) as session, session.begin():
            yield session

    def take(self, purpose: Purpose) -> PooledConnection:
        """A connection for this purpose, idle or new; `Unavailable` when none comes free in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with self._changed:
                pooled = self._idle_or_reserved(purpose, deadline)
            if pooled is None:
                return self._connect(purpose)
            if not pooled.is_dead():
                return pooled
            self._drop(pooled)

    def forget(self, address: DatabaseAddress) -> None:
        """Nothing comes back; idle connections to this database are closed, busy ones when they come back."""
        with self._changed:
            for pooled in self._busy:
                pooled.is_doomed = pooled.is_doomed or pooled.purpose.address == address
            leaving = [pooled for pooled in self._idle if pooled.purpose.address == address]
            for pooled in leaving:
                self._unlist(pooled)
        self._disconnect(leaving)

    def close(self) -> None:
        """Nothing comes back; every idle connection is closed, busy ones when they come back."""
        with self._changed:
            addresses = set(self._open)
        for address in addresses:
            self.forget(address)

    def _idle_or_reserved(self, purpose: Purpose, deadline: float) -> PooledConnection | None:
        """An idle connection, or None once there is room reserved to open one."""
        while True:
            if waiting := self._idle_for.get(purpose):
                pooled = waiting[-1]
                self._unlist(pooled)
                self._busy.add(pooled)
                return pooled
            if self._make_room(purpose.address):
                self._open[purpose.address] += 1
                self._total += 1
                return None
            if not self._changed.wait(deadline - time.monotonic()):
                raise Unavailable("Too many requests are being served at once.")

    def _make_room(self, address: DatabaseAddress) -> bool:
        """Whether one more connection may be opened, after closing an idle one where that helps."""
        if self._open[address] >= self._per_database:
            victim = next((pooled for pooled in self._idle if pooled.purpose.address == address), None)
        elif self._total >= self._budget:
            victim = next(iter(self._idle), None)
        else:
            return True
        if victim is None:
            return False
        self._unlist(victim)
        self._disconnect_one(victim)
        return True

    def _connect(self, purpose: Purpose) -> PooledConnection:
        try:
            with self._connecting:
                pooled = open_connection(purpose, self._give_back, self._statement_timeout_seconds)
        except psycopg2.OperationalError as refusal:
            self._release(purpose.address)
            raise Unavailable from refusal
        except BaseException:
            self._release(purpose.address)
            raise
        with self._changed:
            self._busy.add(pooled)
        return pooled

    def _give_back(self, pooled: PooledConnection) -> None:
        with self._changed:
            if pooled not in self._busy:
                return
            if pooled.is_reusable():
                self._busy.discard(pooled)
                self._idle[pooled] = None
                self._idle_for[pooled.purpose].append(pooled)
                # All, because those who wait do not wait for the same database.
                self._changed.notify_all()
                return
        self._drop(pooled)

    def _drop(self, pooled: PooledConnection) -> None:
        with self._changed:
            self._busy.discard(pooled)
        self._disconnect([pooled])

    def _disconnect(self, leaving: list[PooledConnection]) -> None:
        with self._changed:
            for pooled in leaving:
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

    def _unlist(self, pooled: PooledConnection) -> None:
        del self._idle[pooled]
        waiting = self._idle_for[pooled.purpose]
        waiting.remove(pooled)
        if not waiting:
            del self._idle_for[pooled.purpose]
