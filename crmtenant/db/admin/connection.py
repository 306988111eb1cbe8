"""Statements only the administering role may run, on connections of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class psycopg2 spells in lower case)

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.errors import Unavailable

Statement: TypeAlias = str | sql.Composable

# Long enough for every creation queued before ours; short enough that a request gives up before its client.
_TIMEOUTS = "-c lock_timeout=30s -c statement_timeout=120s"


class Administration:
    """One AUTOCOMMIT connection: CREATE and DROP DATABASE refuse to run inside a transaction.

    Several statements joined by `;` in one `run` are one transaction all the same.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, statement: Statement, *values: Any) -> None:
        """Nothing comes back; the statement has been executed and committed."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def rows(self, statement: Statement, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def row(self, statement: Statement, *values: Any) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        return next(iter(self.rows(statement, *values)), None)

    def is_true(self, question: Statement, *values: Any) -> bool:
        """Whether the query has a row whose first value is true."""
        row = self.row(question, *values)
        return row is not None and bool(row[0])

    def lock(self, name: str) -> None:
        """Nothing comes back; this session holds the advisory lock until it ends, however it ends.

        Raises `Unavailable` when others hold it for too long. Advisory locks belong to a database, so
        everybody must take them in the same one.
        """
        try:
            self.run("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)
        except errors.LockNotAvailable:
            raise Unavailable("Too much is being set up at the moment.", retry_after_seconds=30) from None

    def try_lock(self, name: str) -> bool:
        """Whether this session now holds the advisory lock; it does not wait."""
        return self.is_true("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)

    def unlock(self, name: str) -> None:
        """Nothing comes back; the lock is free now, not only when the server has noticed that we hung up."""
        self.run("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


@contextmanager
def administering(address: DatabaseAddress) -> Iterator[Administration]:
    """A fresh administering connection, closed at the end."""
    connection = address.connect(application_name="crmtenant provisioning", options=_TIMEOUTS)
    connection.autocommit = True
    try:
        yield Administration(connection)
    finally:
        connection.close()
