"""The passwords of the companies' roles: derived, and changed by giving the role the next one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg2
from psycopg2 import errors, sql

from crmtenant.db.address import DatabaseAddress, ServerAddress
from crmtenant.db.administration import Administration, administering
from crmtenant.db.roles import RoleNames, derived_password, scram_verifier

_TRIES = 5
_REFUSED = ("password authentication failed", "no password assigned")


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
        with administering(self.server.admin()) as admin:
            admin.lock(f"crmtenant:{self.names.catalog}:password:{role}")
            version = next_version()
            self._assign(admin, role, version)
        return version

    def is_valid(self, role: str, version: int) -> bool:
        """Whether the role logs in to its database with this version's password.

        Only a refused password is a no. A role that is not let into the database has shown its password first;
        every other trouble is raised.
        """
        try:
            self._address(role, version).connect().close()
        except psycopg2.OperationalError as refusal:
            if any(reason in str(refusal) for reason in _REFUSED):
                return False
            if "permission denied for database" in str(refusal) or "does not have CONNECT" in str(refusal):
                return True
            raise
        return True

    def _address(self, role: str, version: int) -> DatabaseAddress:
        return self.server.database(role, role, derived_password(self.role_secret, role, version))

    def _assign(self, admin: Administration, role: str, version: int) -> None:
        verifier = scram_verifier(derived_password(self.role_secret, role, version))
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
        for _ in range(_TRIES - 1):
            # "tuple concurrently updated": somebody opened or closed its database at this very moment.
            with suppress(errors.InternalError_):
                admin.run(change)
                return
        admin.run(change)
