"""Sessions for what writes: one dialect, one compile cache, no pool but the broker's.

`MANAGER` is the transaction a request works in. It is one manager per thread, and explicit: a session used
where no transaction was begun fails instead of beginning one that nobody ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import transaction
import zope.sqlalchemy
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from crmtenant.db.pool.connection import ConnectionSource, Purpose

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

MANAGER = transaction.ThreadTransactionManager()
MANAGER.explicit = True

URL = "postgresql+psycopg2://"
ENGINES_KEPT = 64


class Sessions:
    """Makes sessions for any database. Engines are cheap views of one dialect; only a few are kept."""

    def __init__(self, connections: ConnectionSource) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._first: Engine | None = None
        self._engine = lru_cache(maxsize=ENGINES_KEPT)(self._new_engine)
        self._joined = sessionmaker(expire_on_commit=False, autoflush=True)
        # Sessions start as changed: zope.sqlalchemy would silently roll back Core writes otherwise.
        zope.sqlalchemy.register(self._joined, initial_state="changed", transaction_manager=MANAGER)
        self._own = sessionmaker(expire_on_commit=False)

    def joined(self, address: DatabaseAddress) -> Session:
        """A session that joins the thread's transaction and ends with it."""
        return self._joined(bind=self._engine(address))

    def own(self, address: DatabaseAddress) -> Session:
        """A session whose transaction is its user's to end."""
        return self._own(bind=self._engine(address))

    def _new_engine(self, address: DatabaseAddress) -> Engine:
        creator = self._creator(address)
        first = self._informed(creator)
        engine = Engine(
            NullPool(creator, dialect=first.dialect), first.dialect, first.url, hide_parameters=True
        )
        return engine.execution_options(compiled_cache=first._compiled_cache)  # noqa: SLF001 (no public name)

    def _informed(self, creator: Callable[[], Any]) -> Engine:
        """The engine whose dialect has learnt the server's version, for all to share.

        It serves nobody itself: its pool would ask each connection anew for what the dialect knows already.
        """
        with self._lock:
            if self._first is None:
                first = create_engine(URL, creator=creator, poolclass=NullPool, hide_parameters=True)
                with first.connect():
                    self._first = first
            return self._first

    def _creator(self, address: DatabaseAddress) -> Callable[[], Any]:
        purpose = Purpose(address, is_read_only=False)
        return lambda: self._connections.take(purpose)
