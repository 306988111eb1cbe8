"""What a company can go back to after a migration, kept just before it (ADR 22).

Where the server clones databases, that is a copy, made while nobody is in the company; elsewhere a proven backup, made while
people go on working.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import structlog

from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.ids import new_id

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.services.fleet.database_swap import RetainedDatabases

#: Of which companies something is kept.
KeptCopies = Literal["none", "canaries", "all"]
#: How long a company can go back.
KEPT = timedelta(days=1)

log = structlog.get_logger(__name__)


class MigrationCopies:
    """Keeps companies as they are before they are migrated.

    `save` makes a proven backup of one, `settle` opens or closes its database as the catalog says.
    """

    def __init__(
        self,
        servers: ManagedServers,
        retained: RetainedDatabases,
        save: Callable[[str], None],
        settle: Callable[[str], None],
    ) -> None:
        self._servers = servers
        self._retained = retained
        self._save = save
        self._settle = settle

    def begin(self, tenant_id: str, server_id: int, database: str) -> Callable[[], None]:
        """Back the company up where its server cannot clone; return what is left to do once the company is paused."""
        server = self._servers.of(server_id)
        if server.provisioner.can_clone():
            return partial(self._copy, tenant_id, server, database)
        self._save(tenant_id)
        return lambda: None

    def end(self, tenant_id: str) -> None:
        """Let people in again after the pause. If that fails, the reconciler does it."""
        try:
            self._settle(tenant_id)
        except RECOVERABLE_ERRORS:
            log.exception("company_not_opened", tenant_id=tenant_id)

    def _copy(self, tenant_id: str, server: ManagedServer, database: str) -> None:
        copy = new_id("t")
        with self._retained.copying(server, copy, tenant_id, now() + KEPT) as label:
            server.provisioner.close_database(database)
            server.provisioner.copy_database(database, copy, label)
