"""Reads rows as plain tuples: one statement is one round trip.

Statements are built once, at import, with `bindparam()`, and compiled once per process. A reader runs their SQL
on a read-only autocommit connection, without session, entities or transaction: a list of 50 takes a fifth of the
time it takes through the ORM (ADR 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extensions import register_type
from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

from crmtenant.db.errors import is_connection_lost
from crmtenant.db.pool.connection import JSONB_FRAGMENTS, ConnectionSource, PooledConnection, Purpose
from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

_DIALECT: Dialect = PGDialect_psycopg2()  # type: ignore[no-untyped-call]
_NO_VALUES: Mapping[str, Any] = {}

Row = tuple[Any, ...]


@lru_cache(maxsize=4096)
def _compiled(statement: Executable) -> tuple[str, dict[str, Any]]:
    """Return the SQL and the values of those parameters that the statement itself sets."""
    compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    own = {name: compiled.params[name] for bind, name in compiled.bind_names.items() if not bind.required}
    return compiled.string, own


def sql_of(statement: Executable) -> str:
    """Return the SQL of a statement for psycopg2."""
    return _compiled(statement)[0]


class Reader:
    """Reads one database. It holds a connection from its first statement until `close`."""

    def __init__(self, connections: ConnectionSource, address: DatabaseAddress) -> None:
        self._connections = connections
        self._purpose = Purpose(address, is_read_only=True)
        self._connection: PooledConnection | None = None

    def rows(
        self, statement: Executable, values: Mapping[str, Any] = _NO_VALUES, *, is_for_json: bool = False
    ) -> list[Row]:
        """Return all rows of the statement.

        With `is_for_json`, JSONB values are returned as unparsed `orjson.Fragment`: parsing and writing them
        again would be a sixth of the work of a list.
        """
        text, own = _compiled(statement)
        parameters = {**own, **values}
        try:
            return self._fetch(text, parameters, is_for_json)
        except psycopg2.Error as failure:
            if not self._lost_connection(failure):
                raise
            return self._fetch_again(text, parameters, is_for_json, failure)

    def row(
        self, statement: Executable, values: Mapping[str, Any] = _NO_VALUES, *, is_for_json: bool = False
    ) -> Row | None:
        """Return the first row, or None."""
        found = self.rows(statement, values, is_for_json=is_for_json)
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

    def _fetch(self, text: str, parameters: Mapping[str, Any], is_for_json: bool) -> list[Row]:
        if self._connection is None:
            self._connection = self._connections.take(self._purpose)
        with self._connection.cursor() as cursor:
            if is_for_json:
                register_type(JSONB_FRAGMENTS, cursor)
            cursor.execute(text, parameters)
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
        self, text: str, parameters: Mapping[str, Any], is_for_json: bool, failure: Exception
    ) -> list[Row]:
        """Run the statement once more on a new connection, which is safe because it only reads."""
        try:
            return self._fetch(text, parameters, is_for_json)
        except psycopg2.Error as again:
            if not self._lost_connection(again):
                raise
            raise Unavailable from again or failure
