"""Reads a database as it was at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg2
from psycopg2 import sql

from crmtenant.db.pool.reader import Reader, Row

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress
    from crmtenant.db.pool.connection import ConnectionSource
    from crmtenant.db.pool.prepared import Compiled

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Snapshot(Reader):
    """A reader whose statements all see the database as of the first one.

    `role` is the role to read as, for a connection that has more rights than reading needs.
    """

    #: A statement prepared on the connection may fail where it is not repeated.
    _prepares: ClassVar[bool] = False

    def __init__(
        self, connections: ConnectionSource, address: DatabaseAddress, *, role: str | None = None
    ) -> None:
        super().__init__(connections, address)
        self._role = role

    def close(self) -> None:
        """End the transaction and return the connection to the pool."""
        if self._connection is not None and not self._connection.closed:
            with self._connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        super().close()

    def _fetch(
        self, statement: Compiled, values: Mapping[str, Any], is_prepared: bool, as_bytes: bool
    ) -> list[Row]:
        if self._connection is None:
            self._connection = self._connections.take(self._purpose)
            with self._connection.cursor() as cursor:
                cursor.execute(_BEGIN)
                if self._role is not None:
                    # LOCAL, so that the next user of the connection has its own rights again.
                    cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self._role)))
        return super()._fetch(statement, values, is_prepared, as_bytes)

    def _lost_connection(self, failure: psycopg2.Error) -> bool:  # noqa: ARG002 (the reader's signature)
        """Return False: a statement is never repeated, because a new connection would see another moment."""
        return False
