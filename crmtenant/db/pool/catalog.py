"""The catalog database, reached through the broker like every other."""

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
    """Who the people are and which database is whose."""

    broker: Broker
    address: DatabaseAddress

    def reading(self) -> AbstractContextManager[Reader]:
        """A read-only, autocommit reader for the length of a with block."""
        return self.broker.reading(self.address)

    def begin(self) -> AbstractContextManager[Session]:
        """A session in a transaction of its own."""
        return self.broker.begin(self.address)

    def session(self) -> Session:
        """A session in the request's transaction."""
        return self.broker.session(self.address)
