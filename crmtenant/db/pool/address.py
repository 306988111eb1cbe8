"""The addresses of servers and databases, with the role to connect as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (a class psycopg2 spells in lower case)

from crmtenant.errors import OperatorError

if TYPE_CHECKING:
    from crmtenant.db.secrets.derived_password import DerivedPassword

NO_RIGHTS = (
    "This process may not create databases: the setting database_url names no user. Run the command with the"
    " worker's settings."
)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A database and the role to connect as. Hashable: it is the key by which connections are pooled.

    With an `epoch` it is connected to only if its label agrees: a company's database that another one replaced, or that is
    newer than the catalog, is served to nobody; with a `company_id`, nor is another company's.
    """

    host: str
    port: int
    database: str
    user: str
    password: str | None = field(default=None, repr=False)
    derived: DerivedPassword | None = None
    epoch: int | None = None
    company_id: str | None = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = (
            self.host,
            self.port,
            self.database,
            self.user,
            self.password,
            self.derived,
            self.epoch,
            self.company_id,
        )
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        # The pool asks several times at each request.
        return self._hash

    def is_same_database(self, other: DatabaseAddress) -> bool:
        """Return whether the other one is this database too, as the same role, whatever the password and the epoch."""
        return (self.host, self.port, self.database, self.user) == (
            other.host,
            other.port,
            other.database,
            other.user,
        )

    def connect(self, **options: Any) -> Connection:
        """Open a new connection. `host` may be the directory of a Unix socket.

        PostgreSQL rejects a password without an SQLSTATE and in its own language, so after every rejection the
        next password is tried. There is only one, except while the role secret changes.
        """
        if self.derived is None:
            return self._connect(self.password, options)
        rejections = []
        for password in self.derived.candidates(self.user):
            try:
                return self._connect(password, options)
            except psycopg2.OperationalError as rejection:
                rejections.append(rejection)
        raise rejections[0]

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
    """A PostgreSQL server and the role that may create databases and roles there, if it is known."""

    host: str
    port: int
    admin_user: str | None
    admin_password: str | None = field(default=None, repr=False)

    def admin(self, database: str = "postgres") -> DatabaseAddress:
        """Return a database of this server as the administering role. Raises `OperatorError` if none is known."""
        if self.admin_user is None:
            raise OperatorError(NO_RIGHTS)
        return self.database(database, self.admin_user, self.admin_password)

    def database(self, database: str, user: str, password: str | None) -> DatabaseAddress:
        """Return a database of this server as `user`."""
        return DatabaseAddress(self.host, self.port, database, user, password)

    def as_role(
        self,
        database: str,
        role: str,
        password: DerivedPassword,
        epoch: int | None = None,
        company_id: str | None = None,
    ) -> DatabaseAddress:
        """Return a database of this server as a role whose password is derived from the role secret."""
        return DatabaseAddress(
            self.host, self.port, database, role, derived=password, epoch=epoch, company_id=company_id
        )
