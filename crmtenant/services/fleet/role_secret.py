"""Rotating the secret that the passwords of all roles are derived from, while the companies are served.

The file begins with the new secret and keeps the previous one below it until every role has its password from the
new one. A process that is refused with one tries the other and reads the file again (db/secrets/derived_password.py).
So it does not matter when a rotation is interrupted: the worker or the command continues with the same new secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from psycopg2 import errors
from sqlalchemy import bindparam, select

from crmtenant.db.admin.role_passwords import RolePasswords
from crmtenant.db.admin.servers import HOME
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.secrets import secret_file
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.tables import Tenant

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: Only one process at a time changes passwords, so that no role gets one derived from a retired secret.
ROTATION_LOCK = "passwords"

log = structlog.get_logger(__name__)

_VERSION = select(Tenant.password_version).where(Tenant.database == bindparam("role"))


@dataclass(frozen=True, slots=True)
class RoleSecretResult:
    """The outcome for one role, or for a whole server; `problem` is None if it has its password from the new secret."""

    what: str
    problem: str | None = None


@contextmanager
def password_lock(servers: ManagedServers) -> Iterator[None]:
    """Keep other processes from changing passwords. Raises `OperatorError` if one is changing them."""
    with servers.try_lock(ROTATION_LOCK) as is_alone:
        if not is_alone:
            raise OperatorError("Passwords are being changed by another process; wait until it has finished.")
        yield


class RoleSecretRotation:
    """Gives every role on every server its password from the first secret.

    `file` is None where the secret is set from outside.
    """

    def __init__(self, catalog: Catalog, servers: ManagedServers, file: Path | None) -> None:
        self._catalog = catalog
        self._servers = servers
        self._file = file

    def count(self) -> int:
        """Return how many roles there are on the servers that can be reached."""
        count = 0
        for server in self._servers.all():
            with suppress(*RECOVERABLE_ERRORS):
                count += len(self._roles_at(server))
        return count

    def renew(self) -> Iterator[RoleSecretResult]:
        """Give each role its password from a new secret, yielding each result.

        If an earlier rotation in our own file is unfinished, that one is finished instead. The previous secret is
        removed when no role needs it any more.
        """
        with password_lock(self._servers):
            if self._file is not None and not self._is_unfinished(self._file):
                secret_file.rotate(self._file)
            yield from self._update_roles()

    def finish(self) -> None:
        """Finish an interrupted rotation in our own file, unless another process is at it."""
        if self._file is None or not self._is_unfinished(self._file):
            return
        with self._servers.try_lock(ROTATION_LOCK) as is_alone:
            if not is_alone or not self._is_unfinished(self._file):
                return
            results = list(self._update_roles())
        failed = [result.what for result in results if result.problem]
        log.warning("role_secret_rotation_finished", roles=len(results), failed=len(failed))

    @staticmethod
    def _is_unfinished(file: Path) -> bool:
        return len(secret_file.read_stored(file)) > 1

    def _update_roles(self) -> Iterator[RoleSecretResult]:
        has_failed = False
        for server in self._servers.all():
            for result in self._update_server(server):
                has_failed = has_failed or result.problem is not None
                yield result
        if self._file is not None and not has_failed:
            secret_file.retire(self._file, 0)

    def _update_server(self, server: ManagedServer) -> Iterator[RoleSecretResult]:
        try:
            # This waits for processes that make roles: those that begin afterwards know the new secret already.
            roles = self._roles_at(server)
        except RECOVERABLE_ERRORS as problem:
            yield RoleSecretResult(f"server {server.name}", sentence(problem))
            return
        passwords = RolePasswords(
            server.address, self._servers.names, self._servers.secrets.secrets(at_once=True)[0]
        )
        for role in roles:
            yield self._update_role(passwords, role)

    def _roles_at(self, server: ManagedServer) -> list[str]:
        roles = sorted(server.provisioner.inventory().roles)
        return [self._servers.names.app, *roles] if server.name == HOME else roles

    def _update_role(self, passwords: RolePasswords, role: str) -> RoleSecretResult:
        try:
            passwords.change(role, partial(self._version, role))
        except errors.UndefinedObject:
            log.info("role_dropped_meanwhile")
        except RECOVERABLE_ERRORS as problem:
            # The name of a company's database is never shown.
            reason = sentence(problem).replace(role, "(the role)")
            log.warning("role_password_not_renewed", reason=reason)
            return RoleSecretResult("a role", reason)
        return RoleSecretResult("a role")

    def _version(self, role: str) -> int:
        """Return the catalog's version for a company's role; spares, retained databases and the catalog's role have the first."""
        with self._catalog.reading() as reader:
            row = reader.row(_VERSION, {"role": role})
        return int(row[0]) if row else FIRST_PASSWORD_VERSION
