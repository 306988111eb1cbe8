"""The labels of companies' databases against the catalog: the newer one is right (ADR 19).

The catalog changes first and the label follows, so an older label is written anew. A newer label means that the catalog was
restored from a backup: it takes over what the label says. Where another database of the company has a newer label than its
own, that one is the company, and the older one is closed and kept. Until the catalog has caught up, nothing that would
change a company or replace its database is begun (`require_current`): it would make the older copy look the newer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg2
import structlog
from sqlalchemy import bindparam, delete, or_, select, update

from crmtenant.clock import now
from crmtenant.db.admin.identity import Contradiction
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import Label, label_of
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.models.catalog.tables import SetAside, Spare, Tenant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: How long what an older catalog named is kept: nobody has decided yet that it can go.
KEPT = timedelta(days=30)
_LABELLED_STATES = ("active", "suspended", "deleting")
_CATALOG_IS_OLDER = (
    "The catalog is older than the company's database: it was restored from a backup. The worker's upkeep, or crmtenant"
    " doctor --fix, brings it up to date; then try again. Nothing was changed."
)

log = structlog.get_logger(__name__)

_ON_SERVER = select(Tenant.id, Tenant.database, Tenant.epoch, Tenant.state).where(
    Tenant.server_id == bindparam("server_id"),
    or_(*(Tenant.state == state for state in _LABELLED_STATES)),
)
_ALL = select(Tenant.id, Tenant.database, Tenant.epoch)
_REPLACED = (
    select(SetAside.database, SetAside.tenant_id, Tenant.epoch)
    .join(Tenant, Tenant.id == SetAside.tenant_id)
    .where(SetAside.server_id == bindparam("server_id"), SetAside.purpose != "restoring")
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


def require_current(server: ManagedServer, company: Tenant) -> None:
    """Label the company's database if it is not labelled yet, or by a swap that was killed before it could.

    Raises `Contradiction` if it says that the catalog is older than itself. A server that is down says nothing.
    """
    try:
        found = server.provisioner.label_of(company.database)
        known = label_of(company.id, company.epoch, company.state)
        if found is None or _is_revived(found, known):
            server.provisioner.label_database(company.database, known, is_revived=True)
            return
    except psycopg2.OperationalError:
        log.warning("label_not_read", tenant_id=company.id, server=server.name)
        return
    if found.company_id != company.id or not found.is_served_at(company.epoch):
        raise Contradiction(_CATALOG_IS_OLDER)


def _is_revived(found: Label, known: Label) -> bool:
    """Return whether a swap gave the replaced database to its company again, and was killed before it labelled it."""
    is_its_own = found.company_id == known.company_id
    return is_its_own and found.state == "replaced" and found.is_served_at(known.epoch)


def require_older(server: ManagedServer, database: str, company: Tenant) -> None:
    """Raise `Contradiction` if this database, which is to become the company's, says that it is another company's, or
    newer than the catalog."""
    found = server.provisioner.label_of(database)
    if found is not None and (found.company_id != company.id or found.epoch > company.epoch):
        raise Contradiction(_CATALOG_IS_OLDER)


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
        self._label_replaced(server, inventory)

    def _label_replaced(self, server: ManagedServer, inventory: Inventory) -> None:
        """Label what was replaced by somebody who was killed before he said so."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_REPLACED, {"server_id": server.id})
        for database, company_id, epoch in rows:
            found = inventory.labels.get(database)
            if (
                found is None
                or found.state == "replaced"
                or found.company_id != company_id
                or found.epoch >= epoch
            ):
                continue
            try:
                server.provisioner.label_database(database, Label(company_id, epoch - 1, "replaced"))
            except RECOVERABLE_ERRORS:
                log.exception("label_not_written", tenant_id=company_id)

    def _agree_on(self, server: ManagedServer, known: _Known, found: Label | None) -> bool:
        """Return whether the catalog followed the label."""
        if found is not None and _is_revived(found, known.label):
            server.provisioner.label_database(known.database, known.label, is_revived=True)
            return False
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

    def adopt_newer(self, server: ManagedServer) -> Iterator[str]:
        """Give companies the databases on this server that are newer than the catalog's; yield these databases.

        The ones that the catalog named are closed and kept for a month.
        """
        labels = server.provisioner.inventory().labels
        with self._catalog.reading() as reader:
            known = {company_id: (database, epoch) for company_id, database, epoch in reader.rows(_ALL)}
        for database, label in sorted(labels.items()):
            current, epoch = known.get(label.company_id, (database, 0))
            if database == current or label.epoch <= epoch or label.state in {"replaced", "filling"}:
                continue
            try:
                if self._adopt(server, database, label):
                    yield database
            except RECOVERABLE_ERRORS:
                log.exception("database_not_adopted", tenant_id=label.company_id)

    def _adopt(self, server: ManagedServer, database: str, label: Label) -> bool:
        """Return whether the database is the company's now. Its role comes first: it is nobody's way in yet."""
        server.provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
        with self._catalog.begin() as session:
            company = session.get(Tenant, label.company_id, with_for_update={"key_share": True})
            if company is None or company.epoch >= label.epoch:
                return False
            older = _Known(company.id, company.database, Label(company.id, company.epoch, "replaced"))
            older_server = self._servers.of(company.server_id)
            _take_over(session, company, server, database, label)
        self._close_older(older_server, older)
        return True

    def _close_older(self, server: ManagedServer, older: _Known) -> None:
        """Shut everybody out of the older copy. If its server is down, reconciling does it later."""
        try:
            server.provisioner.close_database(older.database)
            server.provisioner.label_database(older.database, older.label)
        except RECOVERABLE_ERRORS:
            log.exception("older_copy_not_closed", tenant_id=older.company_id)


def _take_over(session: Session, company: Tenant, server: ManagedServer, database: str, label: Label) -> None:
    # An older catalog may have set aside what is the company's again, or take it for a spare.
    session.execute(delete(SetAside).where(SetAside.database == database))
    session.execute(delete(Spare).where(Spare.database == database))
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
