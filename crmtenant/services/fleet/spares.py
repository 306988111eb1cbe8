"""Spare databases, made in advance so that a registration takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant import advisory_locks
from crmtenant.db.admin.identity import SPARE, Contradiction
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Spare
from crmtenant.services.fleet.server_rows import Placement, placement_on, takes_companies

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

log = structlog.get_logger(__name__)

_MATCHING = (
    Spare.server_id == bindparam("at_server_id"),
    Spare.revision == bindparam("at_revision"),
)
_OLDEST = (
    select(Spare.database)
    .where(*_MATCHING, Spare.state == "ready")
    .order_by(Spare.created_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = delete(Spare).where(Spare.database == _OLDEST).returning(Spare.database)
_READY = select(func.count()).select_from(Spare).where(*_MATCHING, Spare.state == "ready")
_HALF_MADE = select(Spare.database).where(*_MATCHING, Spare.state == "making")
_LISTED = select(Spare.database).where(Spare.server_id == bindparam("at_server_id"), Spare.state == "ready")
_STALE = (
    update(Spare)
    .where(Spare.server_id == bindparam("at_server_id"), Spare.revision != bindparam("at_revision"))
    .values(state="making")
    .returning(Spare.database)
    .execution_options(synchronize_session=False)
)
_CLEAR = (
    update(Spare)
    .where(Spare.server_id == bindparam("drained_server_id"))
    .values(state="making")
    .returning(Spare.database)
    .execution_options(synchronize_session=False)
)


def claim(session: Session, placement: Placement) -> str | None:
    """Take a spare database for this placement, or return None. If the transaction fails, it stays a spare."""
    return session.scalars(_CLAIM, _values(placement)).one_or_none()


class Spares:
    """Keeps `count` databases ready on every server that takes companies; one process at a time makes them."""

    def __init__(self, catalog: Catalog, servers: ManagedServers, count: int) -> None:
        self._catalog = catalog
        self._servers = servers
        self._count = count

    def top_up(self, is_stopping: Callable[[], bool] = lambda: False) -> int | None:
        """Make the missing spares, one after the other; return how many, or None if another process is making them."""
        with self._servers.try_lock(advisory_locks.MAINTENANCE) as is_alone:
            if not is_alone:
                return None
            made = 0
            for server in self._servers.all():
                self.tidy(server)
                while not is_stopping() and self._is_short(server):
                    self._make(server)
                    made += 1
            return made

    def tidy(self, server: ManagedServer) -> list[str]:
        """Drop the server's outdated spares and finish its half-made ones; return both.

        The caller holds the maintenance lock, so whatever began making them is gone.
        """
        with self._catalog.begin() as session:
            placement = placement_on(session, server.id)
            if placement is None:
                return []
            # Nobody claims one that is being made, so nobody gets one that is about to be dropped.
            stale = list(session.scalars(_STALE, _values(placement)))
            half_made = list(session.scalars(_HALF_MADE, _values(placement)))
        for database in stale:
            self._drop(server, database)
        return stale + [database for database in half_made if self._is_finished(server, database, placement)]

    def clear(self, server: ManagedServer) -> None:
        """Drop all spares of the server."""
        with self._catalog.begin() as session:
            cleared = list(session.scalars(_CLEAR, {"drained_server_id": server.id}))
        for database in cleared:
            self._drop(server, database)

    def forget(self, server: ManagedServer, inventory: Inventory) -> list[str]:
        """Put out of the list what is no spare: databases that are not there, or say that they are somebody's; return them.

        An older catalog lists them. The caller holds the maintenance lock, so none is being made.
        """
        with self._catalog.begin() as session:
            listed = session.scalars(_LISTED, {"at_server_id": server.id}).all()
            no_spares = [
                name for name in listed if name not in inventory.databases or name in inventory.labels
            ]
            for database in no_spares:
                log.warning("not_a_spare", database=database, is_there=database in inventory.databases)
                session.execute(delete(Spare).where(Spare.database == database))
        return no_spares

    def _is_short(self, server: ManagedServer) -> bool:
        with self._catalog.begin() as session:
            placement = placement_on(session, server.id)
            if placement is None or not takes_companies(session, server.id):
                return False
            return session.scalars(_READY, _values(placement)).one() < self._count

    def _make(self, server: ManagedServer) -> None:
        """Make a spare. Its row comes first, so whatever happens then, the database is finished or dropped later."""
        database = new_id("t")
        with self._catalog.begin() as session:
            placement = placement_on(session, server.id)
            assert placement is not None
            session.execute(
                insert(Spare).values(
                    database=database, server_id=server.id, revision=placement.revision, state="making"
                )
            )
        self._finish(server, database, placement)

    def _is_finished(self, server: ManagedServer, database: str, placement: Placement) -> bool:
        try:
            self._finish(server, database, placement)
        except RECOVERABLE_ERRORS:
            log.exception("spare_not_finished", database=database)
            return False
        return True

    def _finish(self, server: ManagedServer, database: str, placement: Placement) -> None:
        try:
            server.provisioner.make_database(database, template=placement.template)
        except Contradiction as contradiction:
            self._keep(database, contradiction)
            return
        server.provisioner.warm(server.provisioner.tenant_address(database, FIRST_PASSWORD_VERSION))
        with self._catalog.begin() as session:
            session.execute(update(Spare).where(Spare.database == database).values(state="ready"))

    def _drop(self, server: ManagedServer, database: str) -> None:
        try:
            server.provisioner.drop_database(database, SPARE)
        except Contradiction as contradiction:
            self._keep(database, contradiction)
        except RECOVERABLE_ERRORS:
            log.exception("spare_not_dropped", database=database)
        else:
            self._forget(database)

    def _keep(self, database: str, contradiction: Contradiction) -> None:
        log.warning("database_kept", database=database, reason=str(contradiction))
        self._forget(database)

    def _forget(self, database: str) -> None:
        with self._catalog.begin() as session:
            session.execute(delete(Spare).where(Spare.database == database))


def _values(placement: Placement) -> dict[str, object]:
    return {"at_server_id": placement.server_id, "at_revision": placement.revision}
