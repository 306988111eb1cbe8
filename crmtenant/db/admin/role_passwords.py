"""The passwords of the companies' roles: derived, and changed by giving the role the next one."""

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

_TRIES = 5
# What refuses a role after it has shown its password. A limit that is less than 0 is none, or a broken database's.
_IS_SHUT_OUT = """
    SELECT NOT (rolcanlogin AND datallowconn AND has_database_privilege(pg_roles.oid, pg_database.oid, 'CONNECT'))
        OR datconnlimit < -1
        OR rolconnlimit >= 0 AND (SELECT count(*) FROM pg_stat_activity WHERE usesysid = pg_roles.oid) >= rolconnlimit
        OR datconnlimit >= 0 AND (SELECT count(*) FROM pg_stat_activity WHERE datid = pg_database.oid) >= datconnlimit
    FROM pg_roles, pg_database WHERE rolname = %s AND datname = %s
"""
# What refuses everybody before that: only those for whom connections are kept back get in.
_IS_FULL = """
    SELECT count(*) >= current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - current_setting('reserved_connections')::int
    FROM pg_stat_activity WHERE datid IS NOT NULL AND usesysid IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """Changes the passwords of companies' roles on one server."""

    server: ServerAddress
    names: RoleNames
    role_secret: str

    def change(self, role: str, next_version: Callable[[], int]) -> int:
        """The version of the role's password from now on.

        `next_version` writes it into the catalog and tells it. It is asked when everything else is ready, so the
        two agree again within a millisecond; and only one process at a time changes a role, so that the last
        word in the catalog is the last the role hears.
        """
        with AdvisoryLocks(self.server, self.names).wait(advisory_locks.role_password(role)) as admin:
            version = next_version()
            self._assign(admin, role, version)
        return version

    def is_valid(self, role: str, version: int) -> bool:
        """Whether this version's password is the role's.

        It is shown by logging in. PostgreSQL gives no SQLSTATE to whom it refuses, and its words are in the
        server's language: a refused password is told by a wrong one being refused in the same words. A role that
        is not let into the database has shown its password first. Every other trouble is raised.
        """
        refusal = self._refusal(role, derived_password(self.role_secret, role, version))
        if refusal is None:
            return True
        of_a_wrong_one = self._refusal(role, token_urlsafe())
        with administering(self.server.admin()) as admin:
            if str(refusal) != str(of_a_wrong_one):
                is_told, answer = admin.is_true(_IS_SHUT_OUT, role, role), True
            else:
                is_told, answer = not admin.is_true(_IS_FULL), False
        if is_told:
            return answer
        raise refusal

    def _refusal(self, role: str, password: str) -> psycopg2.OperationalError | None:
        try:
            self.server.database(role, role, password).connect().close()
        except psycopg2.OperationalError as refusal:
            return refusal
        return None

    def _assign(self, admin: Administration, role: str, version: int) -> None:
        verifier = scram_verifier(derived_password(self.role_secret, role, version))
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
        for _ in range(_TRIES - 1):
            # "tuple concurrently updated": somebody opened or closed its database at this very moment.
            with suppress(errors.InternalError_):
                admin.run(change)
                return
        admin.run(change)
