"""A catalog with companies and their people, in a database of its own, and a clock."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.catalog import Catalog
from crmtenant.db.schema.migrations import head
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import CatalogBase, Login, Membership, Server, Tenant
from tests.integration.scratch import scratch_database


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class World:
    """Makes companies, people and memberships, committed, each with a name of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        with catalog.begin() as session:
            server = Server(name=secrets.token_hex(8))
            session.add(server)
            session.flush()
            self.server_id = server.id

    def company(self, name: str = "Northwind", state: str = "active") -> str:
        tenant_id = new_id("c")
        with self.catalog.begin() as session:
            session.add(
                Tenant(
                    id=tenant_id,
                    slug=tenant_id,
                    name=name,
                    state=state,
                    schema_revision=head("tenant"),
                    server_id=self.server_id,
                    database=new_id("t"),
                )
            )
        return tenant_id

    def person(self, name: str = "Anna Berg", **values: object) -> str:
        user_id = new_id("u")
        address = f"{user_id}@example.com"
        row = {"email": address, "email_key": address, "password_hash": "unusable", **values}
        with self.catalog.begin() as session:
            session.add(Login(id=user_id, name=name, **row))
        return user_id

    def member(self, tenant_id: str, role: str = "member", name: str = "Anna Berg") -> str:
        user_id = self.person(name)
        self.join(tenant_id, user_id, role)
        return user_id

    def join(self, tenant_id: str, user_id: str, role: str = "member") -> None:
        with self.catalog.begin() as session:
            session.add(Membership(user_id=user_id, tenant_id=tenant_id, role=role))

    def change(self, model: type, key: object, **values: object) -> None:
        with self.catalog.begin() as session:
            row = session.get_one(model, key)
            for name, value in values.items():
                setattr(row, name, value)


@contextmanager
def scratch_catalog(server: ServerAddress) -> Iterator[Catalog]:
    """A catalog in a database of its own, which is gone afterwards."""
    broker = Broker(budget=16, per_database=12, simultaneous_connects=2, statement_timeout_seconds=10)
    with scratch_database(server, "identity") as address:
        catalog = Catalog(broker, address)
        with catalog.begin() as session:
            CatalogBase.metadata.create_all(session.connection())
        yield catalog
        broker.close()
