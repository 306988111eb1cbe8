"""The labels of companies' databases against the catalog: the newer one is right (ADR 19).

The catalog changes first and the label follows, so an older label is written anew. A newer label means that the catalog was
restored from a backup: it takes over what the label says. Where another database of the company has a newer label than its
own, that one is the company, and the older one is closed and kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, or_, select, update

from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import Label, label_of
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.models.catalog.tables import SetAside, Tenant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: How long what an older catalog named is kept: nobody has decided yet that it can go.
KEPT = timedelta(days=30)
_LABELLED_STATES = ("active", "suspended", "deleting")

log = structlog.get_logger(__name__)

_ON_SERVER = select(Tenant.id, Tenant.database, Tenant.epoch, Tenant.state).where(
    Tenant.server_id == bindparam("server_id"),
    or_(*(Tenant.state == state for state in _LABELLED_STATES)),
)
_FOLLOW = (
    update(Tenant)
    .where(Tenant.id == bindparam("company"), Tenant.epoch < bindparam("newer"))
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A company as the catalog has it."""

    company_id: str
    database: str
    label: Label


class Labels:
    """Makes labels and catalog agree."""

    def __init__(self, catalog: Catalog, servers: ManagedServers) -> None:
        self._catalog = catalog
        self._servers = servers

    def agree(self, server: ManagedServer, inventory: Inventory) -> Iterator[str]:
        """Write what is missing or older on this server; yield the companies in which the catalog took over a newer label."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_ON_SERVER, {"server_id": server.id})
        for company_id, database, epoch, state in rows:
            known = _Known(company_id, database, label_of(company_id, epoch, state))
            if database in inventory.databases - inventory.broken:
                try:
                    if self._agree_on(server, known, inventory.labels.get(database)):
                        yield company_id
                except RECOVERABLE_ERRORS:
                    log.exception("label_not_written", tenant_id=company_id)

    def _agree_on(self, server: ManagedServer, known: _Known, found: Label | None) -> bool:
        """Return whether the catalog followed the label."""
        if found is not None and (found.company_id != known.company_id or found.state == "replaced"):
            log.warning("label_contradicts", tenant_id=known.company_id, label=found.text())
            return False
        if found is not None and found.epoch > known.label.epoch:
            self._follow(found)
            return True
        if found != known.label:
            server.provisioner.label_database(known.database, known.label)
        return False

    def _follow(self, label: Label) -> None:
        values: dict[str, object] = {"epoch": label.epoch, "state": label.state}
        if label.state == "deleting":
            values["delete_after"] = now() + KEPT
        with self._catalog.begin() as session:
            session.execute(_FOLLOW.values(**values), {"company": label.company_id, "newer": label.epoch})

    def adopt(self, server: ManagedServer, database: str, label: Label) -> bool:
        """Give the company this database if its label is newer than the company's epoch; return whether it is.

        The one that the catalog named is closed and kept for a month.
        """
        if label.state in {"replaced", "filling"}:
            return False
        with self._catalog.begin() as session:
            company = session.get(Tenant, label.company_id, with_for_update={"key_share": True})
            if company is None or company.epoch >= label.epoch:
                return False
            older = _Known(company.id, company.database, Label(company.id, company.epoch, "replaced"))
            older_server = self._servers.of(company.server_id)
            _take_over(session, company, server, database, label)
        older_server.provisioner.label_database(older.database, older.label)
        older_server.provisioner.close_database(older.database)
        server.provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
        return True


def _take_over(session: Session, company: Tenant, server: ManagedServer, database: str, label: Label) -> None:
    session.add(
        SetAside(
            database=company.database,
            server_id=company.server_id,
            tenant_id=company.id,
            purpose="retired",
            drop_after=now() + KEPT,
        )
    )
    company.server_id, company.database, company.epoch = server.id, database, label.epoch
    company.state, company.password_version = label.state, FIRST_PASSWORD_VERSION
    company.schema_revision = server.changes.revision_of(database)
    if label.state == "deleting":
        company.delete_after = now() + KEPT
