"""A new secret for the passwords of all roles, while everybody is served.

The file begins with the new secret, and the one before stands below it until every role has its password from the
new one. Whoever is refused with one tries the other, and looks at the file again (db/derived.py). So it does not matter
when it breaks off: whoever begins again, the worker or the command, goes on with the same new secret.
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

from crmtenant import advisory_locks
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

#: Only one process at a time changes passwords, so that nobody gives a role one of a secret that has gone since.

log = structlog.get_logger(__name__)

_VERSION = select(Tenant.password_version).where(Tenant.database == bindparam("role"))


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of one role, or of one server's; `problem` is None if it has its password from the new secret."""

    what: str
    problem: str | None = None


@contextmanager
def changing(servers: ManagedServers) -> Iterator[None]:
    """Nobody else changes passwords while this is open; `OperatorError` if somebody does."""
    with servers.try_lock(advisory_locks.ROLE_PASSWORDS) as is_alone:
        if not is_alone:
            raise OperatorError("Passwords are being changed by another process; wait until it has finished.")
        yield


class RoleSecretRotation:
    """Gives every role on every server its password from the first secret. `file` is None where the secret is set
    from outside."""

    def __init__(self, catalog: Catalog, servers: ManagedServers, file: Path | None) -> None:
        self._catalog = catalog
        self._servers = servers
        self._file = file

    def count(self) -> int:
        """How many roles there are to see to, of the servers that can be reached."""
        count = 0
        for server in self._servers.all():
            with suppress(*RECOVERABLE_ERRORS):
                count += len(self._roles_at(server))
        return count

    def renew(self) -> Iterator[Renewed]:
        """What became of each role. In our own file there is a new secret first, unless an earlier change is not
        over: then that is finished. The secret before is forgotten when no role needs it any more."""
        with changing(self._servers):
            if self._file is not None and not self._is_unfinished(self._file):
                secret_file.rotate(self._file)
            yield from self._give()

    def finish(self) -> None:
        """Nothing comes back; a change in our own file that broke off is over, if nobody is at it and no role fails."""
        if self._file is None or not self._is_unfinished(self._file):
            return
        with self._servers.try_lock(advisory_locks.ROLE_PASSWORDS) as is_alone:
            if not is_alone or not self._is_unfinished(self._file):
                return
            results = list(self._give())
        failed = [result.what for result in results if result.problem]
        log.warning("role_secret_finished", roles=len(results), failed=len(failed))

    @staticmethod
    def _is_unfinished(file: Path) -> bool:
        return len(secret_file.read_stored(file)) > 1

    def _give(self) -> Iterator[Renewed]:
        has_failed = False
        for server in self._servers.all():
            for result in self._give_at(server):
                has_failed = has_failed or result.problem is not None
                yield result
        if self._file is not None and not has_failed:
            secret_file.retire(self._file, 0)

    def _give_at(self, server: ManagedServer) -> Iterator[Renewed]:
        try:
            # This waits for those who make roles: those that begin afterwards know the new secret already.
            roles = self._roles_at(server)
        except RECOVERABLE_ERRORS as problem:
            yield Renewed(f"server {server.name}", sentence(problem))
            return
        passwords = RolePasswords(
            server.address, self._servers.names, self._servers.secrets.secrets(at_once=True)[0]
        )
        for role in roles:
            yield self._give_one(passwords, role)

    def _roles_at(self, server: ManagedServer) -> list[str]:
        roles = sorted(server.provisioner.inventory().roles)
        return [self._servers.names.app, *roles] if server.name == HOME else roles

    def _give_one(self, passwords: RolePasswords, role: str) -> Renewed:
        try:
            passwords.change(role, partial(self._version, role))
        except errors.UndefinedObject:
            log.info("role_gone_meanwhile")
        except RECOVERABLE_ERRORS as problem:
            # Where a company's database is, is never told.
            reason = sentence(problem).replace(role, "(the role)")
            log.warning("role_not_renewed", reason=reason)
            return Renewed("a role", reason)
        return Renewed("a role")

    def _version(self, role: str) -> int:
        """A company's role has the catalog's version; spares, databases set aside and the catalog's role, the first."""
        with self._catalog.reading() as reader:
            row = reader.row(_VERSION, {"role": role})
        return int(row[0]) if row else FIRST_PASSWORD_VERSION
