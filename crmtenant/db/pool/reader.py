"""Reads rows as plain tuples: one statement is one round trip.

Statements are built once, at import, with `bindparam()`, and compiled once per process. A reader runs their SQL
on a read-only autocommit connection, without session, entities or transaction: a list of 50 takes a fifth of the
time it takes through the ORM (ADR 2). Those asked most are prepared (ADR 29).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg2
from psycopg2.extensions import BYTES, register_type
from sqlalchemy import Executable

from crmtenant.db.errors import is_connection_lost
from crmtenant.db.pool import prepared
from crmtenant.db.pool.connection import ConnectionSource, PooledConnection, Purpose
from crmtenant.db.pool.prepared import Compiled, PreparedStatementLost, compiled
from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

_NO_VALUES: Mapping[str, Any] = {}

Row = tuple[Any, ...]


def sql_of(statement: Executable) -> str:
    """Return the SQL of a statement for psycopg2."""
    return compiled(statement).text


class Reader:
    """Reads one database. It holds a connection from its first statement until `close`."""

    _prepares: ClassVar[bool] = True

    def __init__(self, connections: ConnectionSource, address: DatabaseAddress) -> None:
        self._connections = connections
        self._purpose = Purpose(address, is_read_only=True)
        self._connection: PooledConnection | None = None

    def rows(
        self,
        statement: Executable,
        values: Mapping[str, Any] = _NO_VALUES,
        *,
        is_prepared: bool = False,
        as_bytes: bool = False,
    ) -> list[Row]:
        """Return all rows of the statement.

        With `is_prepared` the connection keeps it prepared; its plan must be the same for all values. With
        `as_bytes` text comes in UTF-8, as PostgreSQL sent it.
        """
        known = compiled(statement)
        try:
            return self._fetch(known, values, is_prepared, as_bytes)
        except PreparedStatementLost:
            # Its own connection is given up; another one may have lost it too.
            self.close()
            return self._fetch(known, values, False, as_bytes)
        except psycopg2.Error as failure:
            if not self._lost_connection(failure):
                raise
            return self._fetch_again(known, values, is_prepared, as_bytes, failure)

    def row(
        self, statement: Executable, values: Mapping[str, Any] = _NO_VALUES, **options: bool
    ) -> Row | None:
        """Return the first row, or None. The options are those of `rows`."""
        found = self.rows(statement, values, **options)
        return found[0] if found else None

    def cancel(self) -> None:
        """Cancel the statement that another thread runs by this reader, if any."""
        connection = self._connection
        if connection is not None:
            connection.cancel()

    def close(self) -> None:
        """Return the connection to the pool."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fetch(
        self, statement: Compiled, values: Mapping[str, Any], is_prepared: bool, as_bytes: bool
    ) -> list[Row]:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._connections.take(self._purpose)
        with connection.cursor() as cursor:
            if as_bytes:
                register_type(BYTES, cursor)
            if is_prepared and self._prepares:
                prepared.execute(connection, cursor, statement, values)
            else:
                cursor.execute(statement.text, {**statement.own, **values})
            found: list[Row] = cursor.fetchall()
            return found

    def _lost_connection(self, failure: psycopg2.Error) -> bool:
        """Return whether the connection was lost; if so, it is returned to the pool, which drops it."""
        if self._connection is None or not (self._connection.closed or is_connection_lost(failure)):
            return False
        self._connection.is_doomed = True
        self.close()
        return True

    def _fetch_again(
        self,
        statement: Compiled,
        values: Mapping[str, Any],
        is_prepared: bool,
        as_bytes: bool,
        failure: Exception,
    ) -> list[Row]:
        """Run the statement once more on a new connection, which is safe because it only reads."""
        try:
            return self._fetch(statement, values, is_prepared, as_bytes)
        except psycopg2.Error as again:
            if not self._lost_connection(again):
                raise
            raise Unavailable from again or failure
