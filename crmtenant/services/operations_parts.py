"""Lifecycle, backups, restoring and clearing, put together: each needs one of the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from crmtenant.services.backups.restoring import Restorer
from crmtenant.services.backups.saving import Backups
from crmtenant.services.fleet.moving import Mover
from crmtenant.services.jobs.cleanup import BY, Cleanup
from crmtenant.services.tenants.lifecycle import Lifecycle

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog


class Keeping:
    """Everything that keeps companies safe, and lets them go."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        backup_dir: Path,
        on_change: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.lifecycle = Lifecycle(catalog, servers, on_change=on_change, save=self._save_for_good)
        self.restorer = Restorer(catalog, servers, self.lifecycle.settle)
        self.backups = Backups(catalog, servers, self.restorer, backup_dir)
        self.mover = Mover(catalog, servers, self.restorer, self.lifecycle.settle)
        self.cleanup = Cleanup(catalog, servers, self.lifecycle, self.restorer)

    def _save_for_good(self, tenant_id: str) -> None:
        self.backups.save_for_good(tenant_id, by=BY)
