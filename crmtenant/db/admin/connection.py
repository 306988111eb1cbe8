"""Connections of the administering role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class psycopg2 spells in lower case)

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.errors import Unavailable

Statement: TypeAlias = str | sql.Composable

# Long enough for the creations queued before; short enough to fail before the client gives up.
_TIMEOUTS = "-c lock_timeout=30s -c statement_timeout=120s"


class Administration:
    """One AUTOCOMMIT connection: CREATE and DROP DATABASE refuse to run inside a transaction.

    Several statements joined by `;` in one `run` are still one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cursor(self) -> Any:
        """Return a new cursor, to be closed by the caller."""
        return self._connection.cursor()

    def cancel(self) -> None:
        """Cancel the statement that runs, from another thread."""
        self._connection.cancel()

    def run(self, statement: Statement, *values: Any) -> None:
        """Execute and commit the statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def rows(self, statement: Statement, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def row(self, statement: Statement, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        return next(iter(self.rows(statement, *values)), None)

    def is_true(self, query: Statement, *values: Any) -> bool:
        """Return whether the query has a row and its first value is true."""
        row = self.row(query, *values)
        return row is not None and bool(row[0])

    def lock(self, name: str) -> None:
        """Take the advisory lock, which this session holds until it ends.

        Raises `Unavailable` when others hold it for too long.
        """
        try:
            self.run("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)
        except errors.LockNotAvailable:
            raise Unavailable(
                "Too many databases are being set up at the moment.", retry_after_seconds=30
            ) from None

    def try_lock(self, name: str) -> bool:
        """Take the advisory lock without waiting, and return whether this session holds it."""
        return self.is_true("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)

    def unlock(self, name: str) -> None:
        """Release the advisory lock at once, not only when the server notices that the session has ended."""
        self.run("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


@contextmanager
def administering(address: DatabaseAddress) -> Iterator[Administration]:
    """Yield a new administering connection, closed at the end of the with block."""
    connection = address.connect(application_name="crmtenant provisioning", options=_TIMEOUTS)
    connection.autocommit = True
    try:
        yield Administration(connection)
    finally:
        connection.close()
