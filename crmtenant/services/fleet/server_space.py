"""How much space the servers have left, and which are too full to be written to (ADR 31)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select, update

from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.inventory import wal_size
from crmtenant.db.admin.servers import HOME
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.models.catalog.tables import Server

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

log = structlog.get_logger(__name__)

#: So much more has to be free until a full disk is no longer full, or it would come and go.
ENOUGH_SHARE = 1.1

_SPACE = select(Server.id, Server.name, Server.capacity_bytes, Server.free_bytes, Server.is_full).order_by(
    Server.id
)


@dataclass(frozen=True, slots=True)
class ServerSpace:
    """How much of a server is left, as it was measured last; None where that cannot be known."""

    server_id: int
    name: str
    capacity_bytes: int | None
    free_bytes: int | None
    is_full: bool


class SpaceWatch:
    """Measures the servers. `home_free_bytes` is the free space of the disk of our own PostgreSQL, None of another's.

    PostgreSQL does not tell how large its disk is. Where we do not run it, an operator says what it can hold; databases
    and WAL are taken from that.
    """

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        home_free_bytes: Callable[[], int | None],
        least_bytes: int | None,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._home_free_bytes = home_free_bytes
        self._least_bytes = least_bytes

    def measure(self) -> None:
        """Record the space of each server. One that cannot be asked stops none of the others."""
        known = {space.server_id: space for space in read_space(self._catalog)}
        for server in self._servers.all():
            try:
                self._measure(server, known[server.id])
            except RECOVERABLE_ERRORS:
                log.exception("server_not_measured", server=server.name)

    def _measure(self, server: ManagedServer, before: ServerSpace) -> None:
        used = sum(server.provisioner.sizes().values())
        free = self._free_of(server, before, used)
        is_full = is_too_little(free, self._least_bytes, was_full=before.is_full)
        if is_full and not before.is_full:
            log.error("server_full", server=server.name, free_bytes=free)
        with self._catalog.begin() as session:
            values = {"used_bytes": used, "free_bytes": free, "is_full": is_full}
            session.execute(update(Server).where(Server.id == server.id).values(values))

    def _free_of(self, server: ManagedServer, space: ServerSpace, used: int) -> int | None:
        seen = self._home_free_bytes() if server.name == HOME else None
        if seen is not None or space.capacity_bytes is None:
            return seen
        with administering(server.address.admin()) as admin:
            return max(0, space.capacity_bytes - used - wal_size(admin))


def is_too_little(free_bytes: int | None, least_bytes: int | None, *, was_full: bool) -> bool:
    """Return whether less is free than has to be; False where either is not known."""
    if free_bytes is None or least_bytes is None:
        return False
    return free_bytes < least_bytes * (ENOUGH_SHARE if was_full else 1)


def read_space(catalog: Catalog) -> list[ServerSpace]:
    """Return the space of every server, the one with the catalog first."""
    with catalog.reading() as reader:
        return [ServerSpace(*row) for row in reader.rows(_SPACE)]
