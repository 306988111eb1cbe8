"""Reads a database as it was at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql

from crmtenant.db.pool.reader import Reader, Row

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress
    from crmtenant.db.pool.connection import ConnectionSource

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Snapshot(Reader):
    """A reader whose statements all see the database as of the first one.

    `role` is the role to read as, for a connection that has more rights than reading needs.
    """

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

    def _fetch(self, text: str, parameters: Mapping[str, Any], is_for_json: bool) -> list[Row]:
        if self._connection is None:
            self._connection = self._connections.take(self._purpose)
            with self._connection.cursor() as cursor:
                cursor.execute(_BEGIN)
                if self._role is not None:
                    # LOCAL, so that the next user of the connection has its own rights again.
                    cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self._role)))
        return super()._fetch(text, parameters, is_for_json)

    def _lost_connection(self, failure: psycopg2.Error) -> bool:  # noqa: ARG002 (the reader's signature)
        """Return False: a statement is never repeated, because a new connection would see another moment."""
        return False
