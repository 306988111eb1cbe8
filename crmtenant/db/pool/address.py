"""Where a server and a database are, and as whom to go there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class psycopg2 spells in lower case)

from crmtenant.errors import OperatorError

if TYPE_CHECKING:
    from crmtenant.db.secrets.derived_password import DerivedPassword

NO_RIGHTS = (
    "This process may make no databases: the setting database_url names no user. Give the command the rights of"
    " the worker."
)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """One database seen by one role. Hashable, so it is the key connections are pooled by."""

    host: str
    port: int
    database: str
    user: str
    password: str | None = field(default=None, repr=False)
    derived: DerivedPassword | None = None

    def connect(self, **options: Any) -> Connection:
        """A new connection. `host` may be the directory of a Unix socket.

        Whoever refuses a password says so in the server's language and without an SQLSTATE, so after every
        refusal the next password is tried; there is one, unless the secret changes just now.
        """
        if self.derived is None:
            return self._connect(self.password, options)
        refusals = []
        for password in self.derived.tries(self.user):
            try:
                return self._connect(password, options)
            except psycopg2.OperationalError as refusal:
                refusals.append(refusal)
        raise refusals[0]

    def _connect(self, password: str | None, options: dict[str, Any]) -> Connection:
        return psycopg2.connect(
            host=self.host,
            port=self.port,
            dbname=self.database,
            user=self.user,
            password=password,
            **{"connect_timeout": 10, "application_name": "crmtenant", **options},
        )


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One PostgreSQL server and the role that may make databases and roles on it, if we know one."""

    host: str
    port: int
    admin_user: str | None
    admin_password: str | None = field(default=None, repr=False)

    def admin(self, database: str = "postgres") -> DatabaseAddress:
        """A database of this server, as the administering role; `OperatorError` if we know none."""
        if self.admin_user is None:
            raise OperatorError(NO_RIGHTS)
        return self.database(database, self.admin_user, self.admin_password)

    def database(self, database: str, user: str, password: str | None) -> DatabaseAddress:
        """A database of this server, as `user`."""
        return DatabaseAddress(self.host, self.port, database, user, password)

    def as_role(self, database: str, role: str, password: DerivedPassword) -> DatabaseAddress:
        """A database of this server, as a role whose password follows from the role secret."""
        return DatabaseAddress(self.host, self.port, database, role, derived=password)
