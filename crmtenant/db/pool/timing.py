"""How long each thread has waited for PostgreSQL. Measured by the cursors and connections of the pool."""

from __future__ import annotations

import threading
from time import perf_counter
from typing import Any

from psycopg2.extensions import connection, cursor

#: A statement that takes longer is a slow one: a list takes a millisecond.
SLOW_SECONDS = 0.2


class Waiting(threading.local):
    """What the calling thread has waited for since it began. Whoever measures compares two moments."""

    seconds: float = 0.0
    slow_statements: int = 0

    def add(self, seconds: float) -> None:
        """Count one statement of this length."""
        self.seconds += seconds
        if seconds > SLOW_SECONDS:
            self.slow_statements += 1


WAITING = Waiting()

# Not by super(), which would cost more than the measuring.
_execute = cursor.execute
_commit = connection.commit


class TimedCursor(cursor):  # type: ignore[misc]  # psycopg2 carries no types
    """A cursor that measures its statements. psycopg2 has all rows when `execute` returns."""

    def execute(self, statement: Any, values: Any = None) -> None:
        """Run the statement."""
        began_at = perf_counter()
        try:
            _execute(self, statement, values)
        finally:
            WAITING.add(perf_counter() - began_at)


class TimedConnection(connection):  # type: ignore[misc]  # psycopg2 carries no types
    """A connection that measures its statements and commits."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_factory = TimedCursor

    def commit(self) -> None:
        """Commit the transaction."""
        began_at = perf_counter()
        try:
            _commit(self)
        finally:
            WAITING.add(perf_counter() - began_at)
