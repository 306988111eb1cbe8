"""Changes and checks the derived passwords of companies' roles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_urlsafe

import psycopg2
from psycopg2 import errors, sql

from crmtenant import advisory_locks
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.admin.locks import AdvisoryLocks
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.secrets.role_names import RoleNames, derived_password, scram_verifier

_ATTEMPTS = 5
# Whether a role is rejected after its password was accepted. A negative limit means none, or a broken database.
_IS_LOCKED_OUT = """
    SELECT NOT (rolcanlogin AND datallowconn AND has_database_privilege(pg_roles.oid, pg_database.oid, 'CONNECT'))
        OR datconnlimit < -1
        OR rolconnlimit >= 0 AND (SELECT count(*) FROM pg_stat_activity WHERE usesysid = pg_roles.oid) >= rolconnlimit
        OR datconnlimit >= 0 AND (SELECT count(*) FROM pg_stat_activity WHERE datid = pg_database.oid) >= datconnlimit
    FROM pg_roles, pg_database WHERE rolname = %s AND datname = %s
"""
# Whether all connections are rejected before the password is checked, except those of privileged roles.
_IS_FULL = """
    SELECT count(*) >= current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - current_setting('reserved_connections')::int
    FROM pg_stat_activity WHERE datid IS NOT NULL AND usesysid IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """Changes and checks the passwords of companies' roles on one server."""

    server: ServerAddress
    names: RoleNames
    role_secret: str

    def change(self, role: str, next_version: Callable[[], int]) -> int:
        """Assign the next version of the role's password and return it.

        `next_version` stores the version in the catalog and returns it. It is called last, so that catalog and
        role disagree for about a millisecond only, and under a lock, so that the catalog's latest version is
        also the role's.
        """
        with AdvisoryLocks(self.server, self.names).wait(advisory_locks.role_password(role)) as admin:
            version = next_version()
            self._assign(admin, role, version)
        return version

    def is_valid(self, role: str, version: int) -> bool:
        """Return whether the role's password is of this version, by logging in.

        PostgreSQL rejects a login without an SQLSTATE and in its own language, so a wrong password is recognised
        by comparing the message with that for a random one. A role that may not connect to its database was
        rejected after its password was accepted. Raises every other error of the connection.
        """
        rejection = self._rejection(role, derived_password(self.role_secret, role, version))
        if rejection is None:
            return True
        of_random_password = self._rejection(role, token_urlsafe())
        with administering(self.server.admin()) as admin:
            if str(rejection) != str(of_random_password):
                is_conclusive, is_valid = admin.is_true(_IS_LOCKED_OUT, role, role), True
            else:
                is_conclusive, is_valid = not admin.is_true(_IS_FULL), False
        if is_conclusive:
            return is_valid
        raise rejection

    def _rejection(self, role: str, password: str) -> psycopg2.OperationalError | None:
        try:
            self.server.database(role, role, password).connect().close()
        except psycopg2.OperationalError as rejection:
            return rejection
        return None

    def _assign(self, admin: Administration, role: str, version: int) -> None:
        verifier = scram_verifier(derived_password(self.role_secret, role, version))
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
        for _ in range(_ATTEMPTS - 1):
            # "tuple concurrently updated": the role's database was opened or closed at the same moment.
            with suppress(errors.InternalError_):
                admin.run(change)
                return
        admin.run(change)
