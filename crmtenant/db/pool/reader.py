"""Reading: one statement, one round trip, plain tuples.

Statements are built once, at import, with `bindparam()`; their SQL text is compiled once per process. A
reader runs that text on a read-only autocommit connection, without Session, entities or transaction: a list
of 50 costs a fifth of what it costs through the ORM (ADR 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extensions import register_type
from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

from crmtenant.db.pool.connection import JSONB_AS_IT_IS, ConnectionSource, PooledConnection, Purpose
from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

_DIALECT: Dialect = PGDialect_psycopg2()  # type: ignore[no-untyped-call]
_NO_VALUES: Mapping[str, Any] = {}

Row = tuple[Any, ...]


@lru_cache(maxsize=4096)
def _compiled(statement: Executable) -> tuple[str, dict[str, Any]]:
    """The SQL text and the values the statement itself brings along. A value nobody gives is an error."""
    compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    own = {name: compiled.params[name] for bind, name in compiled.bind_names.items() if not bind.required}
    return compiled.string, own


def sql_of(statement: Executable) -> str:
    """The SQL text of a statement, as psycopg2 takes it."""
    return _compiled(statement)[0]


class Reader:
    """Reads one database. Holds a connection from its first statement until `close`."""

    def __init__(self, connections: ConnectionSource, address: DatabaseAddress) -> None:
        self._connections = connections
        self._purpose = Purpose(address, is_read_only=True)
        self._connection: PooledConnection | None = None

    def rows(
        self, statement: Executable, values: Mapping[str, Any] = _NO_VALUES, *, is_for_json: bool = False
    ) -> list[Row]:
        """Every row, in the statement's order and column order.

        `is_for_json`: the rows become JSON as they are, so their JSONB stays text, as orjson.Fragment; to read
        it and write it again would be a sixth of the work of a list.
        """
        text, own = _compiled(statement)
        parameters = {**own, **values}
        try:
            return self._fetched(text, parameters, is_for_json)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as failure:
            if not self._lost_connection():
                raise
            return self._fetched_again(text, parameters, is_for_json, failure)

    def row(
        self, statement: Executable, values: Mapping[str, Any] = _NO_VALUES, *, is_for_json: bool = False
    ) -> Row | None:
        """The first row, or None."""
        found = self.rows(statement, values, is_for_json=is_for_json)
        return found[0] if found else None

    def close(self) -> None:
        """Nothing comes back; the connection is the pool's again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fetched(self, text: str, parameters: Mapping[str, Any], is_for_json: bool) -> list[Row]:
        if self._connection is None:
            self._connection = self._connections.take(self._purpose)
        with self._connection.cursor() as cursor:
            if is_for_json:
                register_type(JSONB_AS_IT_IS, cursor)
            cursor.execute(text, parameters)
            found: list[Row] = cursor.fetchall()
            return found

    def _lost_connection(self) -> bool:
        """Whether the failure was the connection's death; it is given back, to be thrown away, if so."""
        if self._connection is None or not self._connection.closed:
            return False
        self.close()
        return True

    def _fetched_again(
        self, text: str, parameters: Mapping[str, Any], is_for_json: bool, failure: Exception
    ) -> list[Row]:
        """A read changes nothing, so one that lost its connection is simply asked again, once."""
        try:
            return self._fetched(text, parameters, is_for_json)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as again:
            if not self._lost_connection():
                raise
            raise Unavailable from again or failure
