"""Lifecycle, backups, restoring and clearing, put together: each needs one of the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from crmtenant.services.backups import Backups
from crmtenant.services.clearing import BY, Clearing
from crmtenant.services.lifecycle import Lifecycle
from crmtenant.services.restoring import Restorer

if TYPE_CHECKING:
    from crmtenant.db.catalog import Catalog
    from crmtenant.db.dumps import Dumps
    from crmtenant.db.provisioning import Provisioner
    from crmtenant.db.schema_changes import SchemaChanges


class Keeping:
    """Everything that keeps companies safe, and lets them go."""

    def __init__(
        self,
        catalog: Catalog,
        provisioner: Provisioner,
        dumps: Dumps,
        changes: SchemaChanges,
        backup_dir: Path,
        on_change: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.lifecycle = Lifecycle(catalog, provisioner, on_change=on_change, save=self._save_for_good)
        self.restorer = Restorer(catalog, provisioner, dumps, changes, self.lifecycle.settle)
        self.backups = Backups(catalog, dumps, self.restorer, provisioner.names.catalog, backup_dir)
        self.clearing = Clearing(catalog, provisioner, self.lifecycle, self.restorer)

    def _save_for_good(self, tenant_id: str) -> None:
        self.backups.save_for_good(tenant_id, by=BY)
