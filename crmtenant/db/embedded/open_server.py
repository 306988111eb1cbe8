"""Opens the PostgreSQL server of the settings: the embedded one or an external one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Protocol
from urllib.parse import unquote

from psycopg2 import OperationalError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.errors import OperatorError, sentence
from crmtenant.settings import Settings

_DRIVER = "postgresql+psycopg2"
_PORT = 5432
_OLDEST_MAJOR = 16
_MIN_CONNECTIONS, _SPARE_CONNECTIONS = 200, 50
_RIGHTS = (
    "SELECT rolcreatedb OR rolsuper, rolcreaterole OR rolsuper FROM pg_catalog.pg_roles"
    " WHERE rolname = current_user"
)
_URL_FORMAT = f"{_DRIVER}://user:password@host:port/postgres"


def address_from_url(text: str) -> ServerAddress:
    """Return the server of a URL such as postgresql+psycopg2://user:password@host:port/postgres.

    The directory of a socket is written percent-encoded in place of the host. Without a user the server can be
    used, but not administered. Raises `OperatorError`.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise OperatorError(f"The database URL cannot be read; expected {_URL_FORMAT}.") from None
    if url.drivername != _DRIVER or not url.host:
        raise OperatorError(f"The database URL lacks a part or names another driver; expected {_URL_FORMAT}.")
    if url.database not in {None, "", "postgres"}:
        raise OperatorError(
            "The database URL must name the database postgres; crmtenant creates its own beside it."
        )
    if url.query:
        raise OperatorError(
            "The database URL contains options after `?`; set libpq's variables such as PGSSLMODE instead."
        )
    return ServerAddress(unquote(url.host), url.port or _PORT, url.username, url.password)


class _Inherits(Protocol):
    def __call__(self, *, is_watching: bool) -> None: ...


def _inherit_nothing(*, is_watching: bool) -> None:
    del is_watching


class Server:
    """An opened and checked PostgreSQL server."""

    def __init__(
        self,
        address: ServerAddress,
        stop: Callable[[], None],
        revive: Callable[[], bool] = lambda: False,
        free_bytes: Callable[[], int | None] = lambda: None,
        inherit: _Inherits = _inherit_nothing,
    ) -> None:
        self.address = address
        #: returns how much an embedded server may still write; of an external one that is not known
        self.free_bytes = free_bytes
        self._stop = stop
        self._revive = revive
        self.inherit = inherit
        """Leave stopping an embedded server to the process that this one was forked from."""

    def revive(self) -> bool:
        """Restart an embedded server that is down, and return whether that was done. Ignores external servers."""
        return self._revive()

    def close(self) -> None:
        """Stop an embedded server; an external one keeps running."""
        self._stop()


def open_server(settings: Settings) -> Server:
    """Return the server of the settings, started if it is embedded, and checked. Raises `OperatorError`."""
    server = _embedded(settings) if settings.is_embedded else _external(settings)
    try:
        if server.address.admin_user is not None:
            check_rights(server.address.admin())
    except BaseException:
        server.close()
        raise
    return server


def _embedded(settings: Settings) -> Server:
    server = EmbeddedServer(
        settings.data_dir,
        catalog_database=settings.catalog_database,
        max_connections=max(_MIN_CONNECTIONS, settings.connection_budget + _SPARE_CONNECTIONS),
        reserve_bytes=settings.min_free_bytes or 0,
    )
    return Server(server.start(), server.stop, server.revive, server.free_bytes, server.inherit)


def _external(settings: Settings) -> Server:
    return Server(address_from_url(settings.database_url), lambda: None)


def check_rights(address: DatabaseAddress) -> None:
    """Raise `OperatorError` unless this role can administer the server and its version is supported."""
    try:
        connection = address.connect()
    except OperationalError as problem:
        raise OperatorError(f"The database server cannot be reached: {sentence(problem)}") from None
    with closing(connection), connection.cursor() as cursor:
        # Until PostgreSQL 15, CREATEROLE was equivalent to superuser.
        if connection.server_version < _OLDEST_MAJOR * 10_000:
            raise OperatorError(
                f"The database server is older than PostgreSQL {_OLDEST_MAJOR}, the oldest supported version."
            )
        cursor.execute(_RIGHTS)
        may_create_databases, may_create_roles = cursor.fetchone()
    if not may_create_databases:
        raise OperatorError(f"The role {address.user} may not create databases; give it CREATEDB.")
    if not may_create_roles:
        raise OperatorError(f"The role {address.user} may not create roles; give it CREATEROLE.")
