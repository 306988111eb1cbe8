"""The databases room: which database is where, and connections to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.db.pool.addresses import Addresses
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.catalog import Catalog

if TYPE_CHECKING:
    from crmtenant.db.pool.address import ServerAddress
    from crmtenant.db.secrets.role_names import RoleNames
    from crmtenant.db.secrets.secret_source import SecretSource
    from crmtenant.settings import Settings


@dataclass(frozen=True, slots=True)
class Databases:
    """The catalog, the addresses of companies' databases, and the broker that connects to all of them."""

    addresses: Addresses
    broker: Broker
    catalog: Catalog

    @classmethod
    def open(
        cls, settings: Settings, server: ServerAddress, names: RoleNames, role_secrets: SecretSource
    ) -> Databases:
        """Return the databases of this installation. Nothing connects yet."""
        addresses = Addresses(server, names, role_secrets)
        broker = Broker(
            budget=settings.connection_budget,
            per_database=settings.connections_per_tenant,
            simultaneous_connects=settings.simultaneous_connects,
            statement_timeout_seconds=settings.statement_timeout_seconds,
        )
        return cls(addresses, broker, Catalog(broker, addresses.catalog()))
