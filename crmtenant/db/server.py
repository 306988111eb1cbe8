"""The PostgreSQL server named by the settings: ours, or somebody else's."""

from __future__ import annotations

from urllib.parse import unquote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from crmtenant.db.address import ServerAddress
from crmtenant.errors import OperatorError

_DRIVER = "postgresql+psycopg2"
_PORT = 5432
_FORM = f"{_DRIVER}://user:password@host:port/postgres"


def address_from_url(text: str) -> ServerAddress:
    """The server a URL such as postgresql+psycopg2://user:password@host:port/postgres names.

    A socket's directory is written percent-encoded in the place of the host. Raises `OperatorError`.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise OperatorError(f"The database URL cannot be read; expected {_FORM}.") from None
    if url.drivername != _DRIVER or not url.host or not url.username:
        raise OperatorError(f"The database URL lacks a part or names another driver; expected {_FORM}.")
    if url.database not in {None, "", "postgres"}:
        raise OperatorError("The database URL must name the database postgres; ours are made beside it.")
    if url.query:
        raise OperatorError(
            "The database URL carries options after `?`; set libpq's variables such as PGSSLMODE instead."
        )
    return ServerAddress(unquote(url.host), url.port or _PORT, url.username, url.password)
