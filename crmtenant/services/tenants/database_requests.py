"""How a new company gets its database: made by this process, or by a worker on request.

A web process has no right to create databases. It notifies the workers which company waits; one of them finishes
the registration.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from crmtenant.db.admin.identity import unfinished
from crmtenant.db.pool.notify import COMPANY_CREATED, publish
from crmtenant.errors import Unavailable
from crmtenant.services.tenants.registration_rows import NewCompanyRows, state_of

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog

TIMEOUT_SECONDS = 15.0
_PAUSE_SECONDS = 0.02


class LocalProvisioning:
    """Creates databases itself, on the server each company was placed on."""

    def __init__(self, catalog: Catalog, servers: ManagedServers) -> None:
        self._catalog = catalog
        self._servers = servers

    def __call__(self, registration: NewCompanyRows) -> None:
        """Create the database. Raises: `Gone` if the company is no longer being registered; `Contradiction` if the
        database is there and somebody else's."""
        revision = registration.template_revision
        self._servers.of(registration.server_id).provisioner.make_database(
            registration.database,
            template=self._servers.names.template(revision) if revision else None,
            password_version=registration.password_version,
            is_wanted=lambda: self._state(registration) == "provisioning",
            belief=unfinished(registration.tenant_id),
        )

    def _state(self, registration: NewCompanyRows) -> str | None:
        with self._catalog.reading() as reader:
            return state_of(reader, registration.tenant_id)


class DelegatedProvisioning:
    """Has databases created by a worker. One registration waits for it: each that waits holds a thread."""

    def __init__(self, catalog: Catalog, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._catalog = catalog
        self._timeout_seconds = timeout_seconds
        self._waiting = Lock()

    def __call__(self, registration: NewCompanyRows) -> None:
        """Wait until a worker has handled the company.

        Raises: `Unavailable` if none does in time, or another registration waits already. A worker will later, and
        repeating the request under the same key finds it done.
        """
        with self._catalog.begin() as session:
            publish(session, COMPANY_CREATED, registration.tenant_id)
        if not self._waiting.acquire(blocking=False):
            raise _still_being_set_up()
        try:
            self._wait(registration)
        finally:
            self._waiting.release()

    def _wait(self, registration: NewCompanyRows) -> None:
        deadline = time.monotonic() + self._timeout_seconds
        while self._is_waiting(registration):
            if time.monotonic() >= deadline:
                raise _still_being_set_up()
            time.sleep(_PAUSE_SECONDS)

    def _is_waiting(self, registration: NewCompanyRows) -> bool:
        with self._catalog.reading() as reader:
            return state_of(reader, registration.tenant_id) == "provisioning"


def _still_being_set_up() -> Unavailable:
    return Unavailable("The company is still being set up. Try again.", retry_after_seconds=5)
