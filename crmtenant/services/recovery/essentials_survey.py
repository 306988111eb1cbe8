"""What all servers have, and what the companies' databases know of the catalog, after the catalog was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.essentials import read_copy
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.services.recovery.essentials import Essentials, read_essentials_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.db.pool.label import Label

log = structlog.get_logger(__name__)

# A copy is of a moment of the catalog, whatever has become of the database: one that was replaced may have the newest.
_OF_COMPANIES = frozenset({"active", "suspended", "deleting", "replaced"})


@dataclass(frozen=True, slots=True)
class DatedEssentials:
    """The essentials of a company at one moment."""

    saved_at: datetime
    essentials: Essentials


@dataclass(slots=True)
class Survey:
    """All companies' databases, the servers that do not answer, and the newest essentials of each company."""

    databases: set[str] = field(default_factory=set)
    unreachable: dict[int, str] = field(default_factory=dict)
    essentials: dict[str, DatedEssentials] = field(default_factory=dict)

    def add(self, found: DatedEssentials) -> None:
        """Take these essentials for the company's if they are newer than what is known."""
        company_id = found.essentials.company.id
        known = self.essentials.get(company_id)
        if known is None or known.saved_at < found.saved_at:
            self.essentials[company_id] = found

    def newest(self) -> DatedEssentials | None:
        """Return the newest essentials of all."""
        return max(self.essentials.values(), key=lambda one: one.saved_at, default=None)


def survey(servers: Iterable[ManagedServer]) -> Survey:
    """Look at every server, and read the copies in the databases that are, or were, companies' by their label."""
    found = Survey()
    for server in servers:
        try:
            inventory = server.provisioner.inventory()
        except RECOVERABLE_ERRORS:
            log.exception("server_not_surveyed", server=server.name)
            found.unreachable[server.id] = server.name
            continue
        found.databases |= inventory.databases
        for database, label in sorted(inventory.labels.items()):
            if label.state in _OF_COMPANIES and database not in inventory.broken:
                copy = _copy_in(server, database, label)
                if copy is not None:
                    found.add(copy)
    return found


def _copy_in(server: ManagedServer, database: str, label: Label) -> DatedEssentials | None:
    try:
        with administering(server.address.admin(database)) as inside:
            copy = read_copy(inside, label.company_id)
        essentials = read_essentials_text(copy.document) if copy is not None else None
        if copy is None or essentials is None or essentials.company.id != label.company_id:
            return None
        return DatedEssentials(copy.saved_at, essentials)
    except RECOVERABLE_ERRORS:
        log.exception("essentials_not_read", tenant_id=label.company_id)
        return None
