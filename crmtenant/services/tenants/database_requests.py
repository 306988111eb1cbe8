"""How a company that is being founded gets its database: made by us, or by a worker who is asked to.

A web process has no right to make databases. It tells the workers which company waits; one of them finishes the
registration in its place.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crmtenant.db.pool.notify import COMPANY_CREATED, publish
from crmtenant.errors import Unavailable
from crmtenant.services.tenants.registration_rows import NewCompanyRows, state_of

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog

PATIENCE_SECONDS = 15.0
_PAUSE_SECONDS = 0.02


class LocalProvisioning:
    """Makes the databases itself, where companies were placed."""

    def __init__(self, catalog: Catalog, servers: ManagedServers) -> None:
        self._catalog = catalog
        self._servers = servers

    def __call__(self, founding: NewCompanyRows) -> None:
        """Nothing comes back; the database exists. `Gone` if the company is no longer being founded."""
        revision = founding.template_revision
        self._servers.of(founding.server_id).provisioner.make_database(
            founding.database,
            template=self._servers.names.template(revision) if revision else None,
            password_version=founding.password_version,
            is_wanted=lambda: self._state(founding) == "provisioning",
        )

    def _state(self, founding: NewCompanyRows) -> str | None:
        with self._catalog.reading() as reader:
            return state_of(reader, founding.tenant_id)


class DelegatedProvisioning:
    """Has the databases made by a worker."""

    def __init__(self, catalog: Catalog, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._catalog = catalog
        self._patience_seconds = patience_seconds

    def __call__(self, founding: NewCompanyRows) -> None:
        """Nothing comes back; a worker has dealt with the company. `Unavailable` when none does in time: the
        next one to look around will, and asking again under the same key finds it done."""
        with self._catalog.begin() as session:
            publish(session, COMPANY_CREATED, founding.tenant_id)
        deadline = time.monotonic() + self._patience_seconds
        while self._is_waiting(founding):
            if time.monotonic() >= deadline:
                raise Unavailable("The company is still being set up; ask again.", retry_after_seconds=5)
            time.sleep(_PAUSE_SECONDS)

    def _is_waiting(self, founding: NewCompanyRows) -> bool:
        with self._catalog.reading() as reader:
            return state_of(reader, founding.tenant_id) == "provisioning"
