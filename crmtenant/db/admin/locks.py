"""Who works at the databases of an installation on one server: one after the other, across all processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.secrets.role_names import RoleNames

#: The task of whoever makes spares and repairs what was left half done.
UPKEEP = "upkeep"


class AdvisoryLocks:
    """Turns at one server, by advisory locks on the very session that does the work.

    A CREATE DATABASE whose client was killed carries on, and so keeps its turn. Making two databases at once is
    not faster than one after the other.
    """

    def __init__(self, server: ServerAddress, names: RoleNames) -> None:
        self._server = server
        self._names = names

    @contextmanager
    def turn(self) -> Iterator[Administration]:
        """The administrator's session, while nobody else of this installation changes anything here."""
        with administering(self._server.admin()) as admin:
            admin.lock(f"crmtenant:{self._names.catalog}:provisioning")
            yield admin

    @contextmanager
    def try_lock(self, task: str) -> Iterator[bool]:
        """Whether no other process of this installation is at this task; none will be while this is open."""
        with administering(self._server.admin()) as admin:
            lock = f"crmtenant:{self._names.catalog}:{task}"
            is_alone = admin.try_lock(lock)
            yield is_alone
            if is_alone:
                admin.unlock(lock)

    def state(self, admin: Administration, database: str) -> statements.DatabaseState | None:
        """What the server says about a database of this installation; None if there is none of this name."""
        return statements.database_state(admin, database, self._names.owner)
