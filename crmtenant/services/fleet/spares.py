"""Databases made before anyone needs them, so that registering takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant import advisory_locks
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Spare
from crmtenant.services.fleet.server_rows import Home, place, takes_companies

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

_FITTING = (
    Spare.server_id == bindparam("home_server_id"),
    Spare.revision == bindparam("home_revision"),
)
_OLDEST = (
    select(Spare.database)
    .where(*_FITTING, Spare.state == "ready")
    .order_by(Spare.created_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = delete(Spare).where(Spare.database == _OLDEST).returning(Spare.database)
_READY = select(func.count()).select_from(Spare).where(*_FITTING, Spare.state == "ready")
_HALF_MADE = select(Spare.database).where(*_FITTING, Spare.state == "making")
_STALE = (
    update(Spare)
    .where(Spare.server_id == bindparam("home_server_id"), Spare.revision != bindparam("home_revision"))
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


def claim(session: Session, home: Home) -> str | None:
    """A spare database that fits, from now on the caller's, or None. If the transaction fails, it stays."""
    return session.scalars(_CLAIM, _values(home)).one_or_none()


class Spares:
    """Keeps `count` databases ready on every server that takes companies. Only one process at a time is at it."""

    def __init__(self, catalog: Catalog, servers: ManagedServers, count: int) -> None:
        self._catalog = catalog
        self._servers = servers
        self._count = count

    def top_up(self, is_stopping: Callable[[], bool] = lambda: False) -> int | None:
        """How many spares were made, one after the other; None if another process is at it already."""
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
        """The server's spares that were finished or dropped: half made by somebody who is gone, or out of date.

        The caller is alone at upkeep, so whoever began making them is gone.
        """
        with self._catalog.begin() as session:
            here = place(session, server.id)
            if here is None:
                return []
            # Nobody claims one that is being made, so nobody gets one that is about to go.
            stale = list(session.scalars(_STALE, _values(here)))
            half_made = list(session.scalars(_HALF_MADE, _values(here)))
        for database in stale:
            server.provisioner.drop_database(database)
            self._forget(database)
        for database in half_made:
            self._finish(server, database, here)
        return stale + half_made

    def clear(self, server: ManagedServer) -> None:
        """Nothing comes back; the server has no spares any more."""
        with self._catalog.begin() as session:
            leaving = list(session.scalars(_CLEAR, {"drained_server_id": server.id}))
        for database in leaving:
            server.provisioner.drop_database(database)
            self._forget(database)

    def _is_short(self, server: ManagedServer) -> bool:
        with self._catalog.begin() as session:
            here = place(session, server.id)
            if here is None or not takes_companies(session, server.id):
                return False
            return session.scalars(_READY, _values(here)).one() < self._count

    def _make(self, server: ManagedServer) -> None:
        """The row comes first: whatever happens then, the database is known, and is finished or dropped."""
        database = new_id("t")
        with self._catalog.begin() as session:
            here = place(session, server.id)
            assert here is not None
            session.execute(
                insert(Spare).values(
                    database=database, server_id=server.id, revision=here.revision, state="making"
                )
            )
        self._finish(server, database, here)

    def _finish(self, server: ManagedServer, database: str, here: Home) -> None:
        server.provisioner.make_database(database, template=here.template)
        server.provisioner.warm(server.provisioner.tenant_address(database, FIRST_PASSWORD_VERSION))
        with self._catalog.begin() as session:
            session.execute(update(Spare).where(Spare.database == database).values(state="ready"))

    def _forget(self, database: str) -> None:
        with self._catalog.begin() as session:
            session.execute(delete(Spare).where(Spare.database == database))


def _values(home: Home) -> dict[str, object]:
    return {"home_server_id": home.server_id, "home_revision": home.revision}
