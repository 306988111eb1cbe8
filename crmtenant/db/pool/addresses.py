"""Where the companies' databases are, for whoever works in them as their own roles. That needs no rights."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.secrets.derived_password import DerivedPassword
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION

if TYPE_CHECKING:
    from crmtenant.db.secrets.role_names import RoleNames
    from crmtenant.db.secrets.secret_source import KnownSecrets

KEPT = 4096


class Placed(Protocol):
    """What the catalog says about a company's database. `host` and `port` are None on the catalog's server."""

    @property
    def database(self) -> str: ...
    @property
    def password_version(self) -> int: ...
    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...


class Addresses:
    """The addresses of one installation, with the passwords that are derived from its role secret."""

    def __init__(self, home: ServerAddress, names: RoleNames, secrets: KnownSecrets) -> None:
        self._home = home
        self._names = names
        self._secrets = secrets
        self._known = lru_cache(maxsize=KEPT)(self._address)

    def catalog(self) -> DatabaseAddress:
        """The catalog, as the web process's role."""
        password = DerivedPassword(FIRST_PASSWORD_VERSION, self._secrets)
        return self._home.as_role(self._names.catalog, self._names.app, password)

    def of(self, place: Placed) -> DatabaseAddress:
        """A company's database as its own role."""
        return self._known(place.database, place.password_version, place.host, place.port)

    def _address(self, database: str, version: int, host: str | None, port: int | None) -> DatabaseAddress:
        server = ServerAddress(host or self._home.host, port or self._home.port, None)
        return server.as_role(database, database, DerivedPassword(version, self._secrets))
