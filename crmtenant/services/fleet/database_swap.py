"""Replacing a company's database: the new one takes the old one's place in one transaction of the catalog.

A database that is being filled, one that was replaced and a copy to go back to are retained: the catalog knows them (`set_aside`), and
no company has them. Cleanup drops those whose time has come, unless somebody holds the database's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import bindparam, delete, select

from crmtenant.clock import now
from crmtenant.db.admin.identity import Belief, Contradiction, filling, replaced
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import Label, label_of
from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import SetAside, Tenant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

log = structlog.get_logger(__name__)

_DUE = select(SetAside.database).where(SetAside.drop_after <= bindparam("now"))
_EPOCH = select(Tenant.epoch).where(Tenant.id == bindparam("tenant_id"))
_FILLING = select(SetAside.database).where(SetAside.purpose == "restoring")


@dataclass(frozen=True, slots=True)
class ReplacedDatabase:
    """The database that a company had until now, and the label that the new one earns."""

    server_id: int
    database: str
    new_label: Label

    @property
    def label(self) -> Label:
        """The label of the old one."""
        return Label(self.new_label.company_id, self.new_label.epoch - 1, "replaced")


class RetainedDatabases:
    """The databases of one installation that are being filled, or kept for a while after they were replaced."""

    def __init__(self, catalog: Catalog, servers: ManagedServers) -> None:
        self._catalog = catalog
        self._servers = servers

    @contextmanager
    def lock(self, database: str) -> Iterator[bool]:
        """Hold the database's lock, so that nobody drops it; False if another process holds it."""
        with self._servers.try_lock(lock_name(database)) as is_locked:
            yield is_locked

    @contextmanager
    def copying(
        self, server: ManagedServer, copy: str, tenant_id: str, kept_until: datetime
    ) -> Iterator[Label]:
        """Record a copy of the company's database before it is made, and give its label; drop it again if that fails."""
        with self.lock(copy):
            with self._catalog.begin() as session:
                epoch = session.scalars(_EPOCH, {"tenant_id": tenant_id}).one()
                session.add(
                    SetAside(
                        database=copy,
                        server_id=server.id,
                        tenant_id=tenant_id,
                        purpose="copied",
                        drop_after=kept_until,
                    )
                )
            try:
                yield Label(tenant_id, epoch - 1, "replaced")
            except RECOVERABLE_ERRORS:
                self.drop(copy)
                raise

    @contextmanager
    def filling(self, server: ManagedServer, database: str, tenant_id: str) -> Iterator[None]:
        """Record a database before it is made; drop it at the end unless it has become a company's."""
        with self.lock(database):
            with self._catalog.begin() as session:
                session.add(
                    SetAside(
                        database=database,
                        server_id=server.id,
                        tenant_id=tenant_id,
                        purpose="restoring",
                        drop_after=now(),
                    )
                )
            try:
                yield
            finally:
                self.drop(database)

    def due(self) -> list[str]:
        """Return the databases whose time has come."""
        with self._catalog.reading() as reader:
            return [database for (database,) in reader.rows(_DUE, {"now": now()})]

    def being_filled(self) -> set[str]:
        """Return the databases that a restore or a move fills, or filled when it was killed."""
        with self._catalog.reading() as reader:
            return {database for (database,) in reader.rows(_FILLING)}

    def drop(self, database: str) -> None:
        """Drop the database if it is still retained."""
        with self._catalog.begin() as session:
            retained = session.get(SetAside, database)
        if retained is None:
            return
        try:
            self._servers.of(retained.server_id).provisioner.drop_database(database, self._belief(retained))
        except Contradiction as contradiction:
            log.warning("database_kept", database=database, reason=str(contradiction))
        with self._catalog.begin() as session:
            session.execute(delete(SetAside).where(SetAside.database == database))

    def _belief(self, retained: SetAside) -> Belief:
        if retained.purpose == "restoring":
            return filling(retained.tenant_id)
        with self._catalog.reading() as reader:
            row = reader.row(_EPOCH, {"tenant_id": retained.tenant_id})
        return replaced(retained.tenant_id, row[0] if row else None)


def lock_name(database: str) -> str:
    """Return the name of the lock that whoever fills or revives this database holds."""
    return f"filling {database}"


def claim_retained(session: Session, database: str) -> None:
    """Stop retaining the database, which becomes a company's.

    Raises `OperatorError` if it was not retained any more: then cleanup took us for dead and is dropping it.
    """
    statement = delete(SetAside).where(SetAside.database == database).returning(SetAside.database)
    if session.scalars(statement).one_or_none() is None:
        raise OperatorError("The new database was cleaned up in the meantime; try again.")


def label_swapped(
    server: ManagedServer, database: str, old_server: ManagedServer, old: ReplacedDatabase
) -> None:
    """Have both databases say what the catalog says of them since the swap.

    If this is missed, the reconciler does it.
    """
    server.provisioner.label_database(database, old.new_label, is_revived=True)
    old_server.provisioner.label_database(old.database, old.label)


def swap_database(
    session: Session,
    company: Tenant,
    server: ManagedServer,
    database: str,
    purpose: Literal["retired", "moved"],
    kept_until: datetime,
    revision: str | None = None,
) -> ReplacedDatabase:
    """Give the company this database, by default at this release's schema; return the one it had.

    The epoch grows, so that ETags of the old database no longer match.
    """
    company.epoch += 1
    old = ReplacedDatabase(
        company.server_id, company.database, label_of(company.id, company.epoch, company.state)
    )
    company.server_id, company.database = server.id, database
    company.password_version, company.schema_revision = FIRST_PASSWORD_VERSION, revision or head("tenant")
    # Whoever goes back behind a migration does not want it again with the next run over all companies.
    company.went_back_at = now() if revision else None
    session.add(
        SetAside(
            database=old.database,
            server_id=old.server_id,
            tenant_id=company.id,
            purpose=purpose,
            drop_after=kept_until,
        )
    )
    claim_retained(session, database)
    return old
