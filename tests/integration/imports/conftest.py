"""A company's database of its own, made from the models, and a session in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from psycopg2 import sql
from sqlalchemy.orm import Session

from crmtenant.db.address import DatabaseAddress, ServerAddress
from crmtenant.db.administration import administering
from crmtenant.db.broker import Broker
from crmtenant.models.base import TenantBase
from tests.integration.imports.importing import Importing


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    made = Broker(budget=4, per_database=4, simultaneous_connects=1, statement_timeout_seconds=10)
    yield made
    made.close()


@pytest.fixture(scope="session")
def database(server_address: ServerAddress, broker: Broker) -> Iterator[DatabaseAddress]:
    """A database with the tables of a company."""
    name = f"imports_{secrets.token_hex(4)}"
    with administering(server_address.admin()) as admin:
        admin.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    address = server_address.admin(name)
    with broker.begin(address) as session:
        TenantBase.metadata.create_all(session.connection())
    yield address
    broker.forget(address)
    with administering(server_address.admin()) as admin:
        admin.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


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
