"""The PostgreSQL server named by the settings: ours, or somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
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
_OLDEST = 16
_MIN_CONNECTIONS, _SPARE_CONNECTIONS = 200, 50
_RIGHTS = (
    "SELECT rolcreatedb OR rolsuper, rolcreaterole OR rolsuper FROM pg_catalog.pg_roles"
    " WHERE rolname = current_user"
)
_FORM = f"{_DRIVER}://user:password@host:port/postgres"


def address_from_url(text: str) -> ServerAddress:
    """The server a URL such as postgresql+psycopg2://user:password@host:port/postgres names.

    A socket's directory is written percent-encoded in the place of the host. Without a user, the server can be
    worked with, but not administered. Raises `OperatorError`.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise OperatorError(f"The database URL cannot be read; expected {_FORM}.") from None
    if url.drivername != _DRIVER or not url.host:
        raise OperatorError(f"The database URL lacks a part or names another driver; expected {_FORM}.")
    if url.database not in {None, "", "postgres"}:
        raise OperatorError("The database URL must name the database postgres; ours are made beside it.")
    if url.query:
        raise OperatorError(
            "The database URL carries options after `?`; set libpq's variables such as PGSSLMODE instead."
        )
    return ServerAddress(unquote(url.host), url.port or _PORT, url.username, url.password)


class Server:
    """A PostgreSQL server that was found fit: where it is, how to look after it, and how to let go of it."""

    def __init__(
        self,
        address: ServerAddress,
        stop: Callable[[], None],
        revive: Callable[[], bool] = lambda: False,
    ) -> None:
        self.address = address
        self._stop = stop
        self._revive = revive

    def revive(self) -> bool:
        """Whether a server of ours was down and runs again; somebody else's is theirs to look after."""
        return self._revive()

    def close(self) -> None:
        """Nothing comes back; a server of ours is down, somebody else's runs on."""
        self._stop()


def open_server(settings: Settings) -> Server:
    """The server the settings name, started if it is ours, and checked. Raises `OperatorError`."""
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
    )
    return Server(server.start(), server.stop, server.revive)


def _external(settings: Settings) -> Server:
    return Server(address_from_url(settings.database_url), lambda: None)


def check_rights(address: DatabaseAddress) -> None:
    """Nothing comes back if we can administer this server as this role; `OperatorError` tells why not."""
    try:
        connection = address.connect()
    except OperationalError as problem:
        raise OperatorError(f"The database server cannot be reached: {sentence(problem)}") from None
    with closing(connection), connection.cursor() as cursor:
        # In 15 and before, CREATEROLE was as good as root.
        if connection.server_version < _OLDEST * 10_000:
            raise OperatorError(f"The database server is older than PostgreSQL {_OLDEST}, the oldest we use.")
        cursor.execute(_RIGHTS)
        may_create_databases, may_create_roles = cursor.fetchone()
    if not may_create_databases:
        raise OperatorError(f"The role {address.user} may not create databases; give it CREATEDB.")
    if not may_create_roles:
        raise OperatorError(f"The role {address.user} may not create roles; give it CREATEROLE.")
