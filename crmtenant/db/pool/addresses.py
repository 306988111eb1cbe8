"""The addresses of the catalog and of companies' databases, as their own roles. They give no administering rights."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.secrets.derived_password import DerivedPassword
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION

if TYPE_CHECKING:
    from crmtenant.db.secrets.role_names import RoleNames
    from crmtenant.db.secrets.secret_source import SecretSource

CACHE_SIZE = 4096


class DatabaseLocation(Protocol):
    """Where a company's database is, by the catalog. `host` and `port` are None on the catalog's server, `epoch` while
    the company is being registered."""

    @property
    def database(self) -> str: ...
    @property
    def password_version(self) -> int: ...
    @property
    def epoch(self) -> int | None: ...
    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...


class Addresses:
    """The addresses of one installation, with passwords derived from its role secret."""

    def __init__(self, home: ServerAddress, names: RoleNames, secrets: SecretSource) -> None:
        self._home = home
        self._names = names
        self._secrets = secrets
        self._cached_address = lru_cache(maxsize=CACHE_SIZE)(self._address)

    def catalog(self) -> DatabaseAddress:
        """Return the catalog as the role of the web process."""
        password = DerivedPassword(FIRST_PASSWORD_VERSION, self._secrets)
        return self._home.as_role(self._names.catalog, self._names.app, password)

    def of(self, location: DatabaseLocation, company_id: str) -> DatabaseAddress:
        """Return the company's database as its own role. A database that says it is another's is not opened."""
        return self._cached_address(
            location.database,
            location.password_version,
            location.epoch,
            location.host,
            location.port,
            company_id,
        )

    def _address(
        self,
        database: str,
        version: int,
        epoch: int | None,
        host: str | None,
        port: int | None,
        company_id: str,
    ) -> DatabaseAddress:
        server = ServerAddress(host or self._home.host, port or self._home.port, None)
        return server.as_role(database, database, DerivedPassword(version, self._secrets), epoch, company_id)
