"""Takes the advisory locks of an installation on one server, across all processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crmtenant import advisory_locks
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.secrets.role_names import RoleNames


class AdvisoryLocks:
    """The advisory locks of one installation on one server, each held by a session of its own.

    `provisioning` locks with the very session that does the work: a CREATE DATABASE whose client was killed
    carries on, and so keeps its lock. Creating two databases at once is not faster than one after the other.
    """

    def __init__(self, server: ServerAddress, names: RoleNames) -> None:
        self._server = server
        self._catalog = names.catalog

    @contextmanager
    def provisioning(self) -> Iterator[Administration]:
        """Yield an administering session that alone may change databases and roles of the installation here.

        Raises `Unavailable` when others hold the lock for too long.
        """
        with self.wait(advisory_locks.PROVISIONING) as admin:
            yield admin

    @contextmanager
    def wait(self, name: str) -> Iterator[Administration]:
        """Yield an administering session that holds this lock. Raises `Unavailable` after too long a wait."""
        with administering(self._server.admin()) as admin:
            admin.lock(advisory_locks.of_installation(self._catalog, name))
            yield admin

    @contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Yield whether this lock was free; if it was, it is held until the with block ends."""
        with administering(self._server.admin()) as admin:
            qualified = advisory_locks.of_installation(self._catalog, name)
            is_held = admin.try_lock(qualified)
            yield is_held
            if is_held:
                admin.unlock(qualified)
