"""Reading a database as it is at one moment, however long it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmtenant.db.reader import Reader, Row

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Snapshot(Reader):
    """A reader whose statements all see the database as its first one found it."""

    def close(self) -> None:
        """Nothing comes back; the moment is over, the connection is the pool's again."""
        if self._connection is not None and not self._connection.closed:
            with self._connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        super().close()

    def _fetched(self, text: str, parameters: Mapping[str, Any], is_for_json: bool) -> list[Row]:
        if self._connection is None:
            self._connection = self._broker.take(self._purpose)
            with self._connection.cursor() as cursor:
                cursor.execute(_BEGIN)
        return super()._fetched(text, parameters, is_for_json)

    def _lost_connection(self) -> bool:
        """Never something to make good: another connection would see another moment."""
        return False
