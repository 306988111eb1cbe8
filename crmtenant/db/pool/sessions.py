"""SQLAlchemy sessions for writing, with one dialect, one compile cache and no pool but the broker.

`MANAGER` is the transaction manager of requests. It is explicit and has one transaction per thread: a session
that is used where none was begun fails, instead of beginning one that nobody ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import transaction
import zope.sqlalchemy
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool
from transaction.interfaces import NoTransaction

from crmtenant.db.pool.connection import ConnectionSource, Purpose

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress


class ExplicitManager(transaction.ThreadTransactionManager):  # type: ignore[misc]  # transaction carries no types
    """One explicit transaction per thread."""

    def __init__(self) -> None:
        # Called in each thread: set on the object, `explicit` would be true in the thread of the import alone.
        self.manager = transaction.TransactionManager(explicit=True)

    def begin(self) -> Any:
        """Begin a transaction. One that failed to commit is still there, and is ended first."""
        with suppress(NoTransaction):
            self.abort()
        return super().begin()


MANAGER = ExplicitManager()

URL = "postgresql+psycopg2://"
ENGINE_CACHE_SIZE = 64
#: psycopg2 writes the values of a statement into its text in one call, in which no other thread has its turn: 40 ms for
#: 500 contacts.
ROWS_PER_INSERT = 250


class Sessions:
    """Creates sessions for any database. The engines share one dialect; only a few are kept."""

    def __init__(self, connections: ConnectionSource) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._first: Engine | None = None
        self._engine = lru_cache(maxsize=ENGINE_CACHE_SIZE)(self._new_engine)
        self._joined = sessionmaker(expire_on_commit=False, autoflush=True)
        # Sessions start as changed: otherwise zope.sqlalchemy would silently roll back Core writes.
        zope.sqlalchemy.register(self._joined, initial_state="changed", transaction_manager=MANAGER)
        self._own = sessionmaker(expire_on_commit=False)

    def joined(self, address: DatabaseAddress) -> Session:
        """Return a session that joins the thread's transaction and ends with it."""
        return self._joined(bind=self._engine(address))

    def own(self, address: DatabaseAddress) -> Session:
        """Return a session whose transaction the caller ends."""
        return self._own(bind=self._engine(address))

    def _new_engine(self, address: DatabaseAddress) -> Engine:
        creator = self._creator(address)
        first = self._initialised(creator)
        engine = Engine(
            NullPool(creator, dialect=first.dialect), first.dialect, first.url, hide_parameters=True
        )
        return engine.execution_options(compiled_cache=first._compiled_cache)  # noqa: SLF001 (no public name)

    def _initialised(self, creator: Callable[[], Any]) -> Engine:
        """Return the engine whose dialect knows the server's version and is shared by all others.

        It is not used for sessions: its pool would query the version again on each new connection.
        """
        with self._lock:
            if self._first is None:
                first = create_engine(
                    URL,
                    creator=creator,
                    poolclass=NullPool,
                    hide_parameters=True,
                    insertmanyvalues_page_size=ROWS_PER_INSERT,
                    executemany_mode="values_plus_batch",  # many rows' changes are one round trip, not one each
                )
                with first.connect():
                    self._first = first
            return self._first

    def _creator(self, address: DatabaseAddress) -> Callable[[], Any]:
        purpose = Purpose(address, is_read_only=False)
        return lambda: self._connections.take(purpose)
