"""A company's database of its own, made from the models, and a session in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.pool.broker import Broker
from crmtenant.models.base import TenantBase
from tests.integration.scratch import scratch_database
from tests.integration.transfer.importing import Importing


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    made = Broker(budget=4, per_database=4, simultaneous_connects=1, statement_timeout_seconds=10)
    yield made
    made.close()


@pytest.fixture(scope="session")
def database(server_address: ServerAddress, broker: Broker) -> Iterator[DatabaseAddress]:
    """A database with the tables of a company."""
    with scratch_database(server_address, "imports") as address:
        with broker.begin(address) as session:
            TenantBase.metadata.create_all(session.connection())
        yield address
        broker.forget(address)


@pytest.fixture
def session(broker: Broker, database: DatabaseAddress) -> Iterator[Session]:
    """A session whose work is undone after the test."""
    with broker.begin(database) as session:
        yield session
        session.rollback()


@pytest.fixture
def importing(session: Session) -> Importing:
    """Imports text into the session."""
    return Importing(session)
