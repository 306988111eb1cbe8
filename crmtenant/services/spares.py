"""Databases made before anyone needs them, so that registering takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.db.provisioning import FIRST_PASSWORD_VERSION, UPKEEP
from crmtenant.models.catalog import Spare
from crmtenant.models.ids import new_id
from crmtenant.services.servers import Home, home

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.catalog import Catalog
    from crmtenant.db.provisioning import Provisioner

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


def claim(session: Session, place: Home) -> str | None:
    """A spare database that fits, from now on the caller's, or None. If the transaction fails, it stays."""
    return session.scalars(_CLAIM, _values(place)).one_or_none()


class Spares:
    """Keeps `count` databases ready. Only one process at a time is at it."""

    def __init__(self, catalog: Catalog, provisioner: Provisioner, count: int) -> None:
        self._catalog = catalog
        self._provisioner = provisioner
        self._count = count

    def top_up(self, is_stopping: Callable[[], bool] = lambda: False) -> int | None:
        """How many spares were made, one after the other; None if another process is at it already."""
        with self._provisioner.alone_at(UPKEEP) as is_alone:
            if not is_alone:
                return None
            self.tidy()
            made = 0
            while not is_stopping() and self._is_short():
                self._make()
                made += 1
            return made

    def tidy(self) -> list[str]:
        """The spares that were finished or dropped: half made by somebody who is gone, or out of date.

        The caller is alone at upkeep, so whoever began making them is gone.
        """
        with self._catalog.begin() as session:
            place = home(session)
            # Nobody claims one that is being made, so nobody gets one that is about to go.
            stale = list(session.scalars(_STALE, _values(place)))
            half_made = list(session.scalars(_HALF_MADE, _values(place)))
        for database in stale:
            self._provisioner.drop_database(database)
            self._forget(database)
        for database in half_made:
            self._finish(database, place)
        return stale + half_made

    def _is_short(self) -> bool:
        with self._catalog.begin() as session:
            return session.scalars(_READY, _values(home(session))).one() < self._count

    def _make(self) -> None:
        """The row comes first: whatever happens then, the database is known, and is finished or dropped."""
        database = new_id("t")
        with self._catalog.begin() as session:
            place = home(session)
            session.execute(
                insert(Spare).values(
                    database=database, server_id=place.server_id, revision=place.revision, state="making"
                )
            )
        self._finish(database, place)

    def _finish(self, database: str, place: Home) -> None:
        self._provisioner.make_database(database, template=place.template)
        self._provisioner.warm(self._provisioner.tenant_address(database, FIRST_PASSWORD_VERSION))
        with self._catalog.begin() as session:
            session.execute(update(Spare).where(Spare.database == database).values(state="ready"))

    def _forget(self, database: str) -> None:
        with self._catalog.begin() as session:
            session.execute(delete(Spare).where(Spare.database == database))


def _values(place: Home) -> dict[str, object]:
    return {"home_server_id": place.server_id, "home_revision": place.revision}
