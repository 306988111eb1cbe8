"""The catalog database, reached through the connection pool like every other."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.address import DatabaseAddress
    from crmtenant.db.pool.broker import Broker
    from crmtenant.db.pool.reader import Reader


@dataclass(frozen=True, slots=True)
class Catalog:
    """The database of users, companies and their servers."""

    broker: Broker
    address: DatabaseAddress

    def reading(self) -> AbstractContextManager[Reader]:
        """Return a read-only, autocommit reader that is closed at the end of the with block."""
        return self.broker.reading(self.address)

    def begin(self) -> AbstractContextManager[Session]:
        """Return a session that commits when the with block ends and rolls back when it raises."""
        return self.broker.begin(self.address)
