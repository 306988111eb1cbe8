"""Reconciling the servers with the catalog, after operations that were interrupted.

What makes this safe: before a database is made, its name is committed to the catalog (as a `tenant` or a `spare`),
and it is removed from the catalog only after the database is dropped. So a database of ours that the catalog does
not know, in a snapshot taken after the database was seen, belongs to no operation that is still running.

Even so, only a database that says of itself that it is nobody's is dropped. One that has been a company's is reported
and left alone: the catalog may have been restored from an older backup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import bindparam, case, delete, exists, literal, select, union_all, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.identity import LEFTOVER, Contradiction, unfinished
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import Label
from crmtenant.models.catalog.tables import Login, Membership, SetAside, Spare, Tenant
from crmtenant.services.fleet import pauses
from crmtenant.services.fleet.labels import Labels

if TYPE_CHECKING:
    from crmtenant.db.admin.identity import DatabaseIdentity
    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.spares import Spares
    from crmtenant.services.tenants.registration import Registrar

PATIENCE_SECONDS = 60
MAX_ATTEMPTS = 5

log = structlog.get_logger(__name__)

ReconcileOutcome = Literal[
    "finished",
    "not_finished",
    "undone",
    "dropped",
    "kept",
    "adopted",
    "followed",
    "forgotten",
    "missing",
    "opened",
    "closed",
]

CLOSED_STATES = frozenset({"suspended", "deleting", "deleted", "retired", "moved", "copied"})

_UNFINISHED = (
    select(Tenant.id, Tenant.state, Tenant.database, Tenant.attempts)
    .where(
        Tenant.server_id == bindparam("server_id"),
        (Tenant.state == "failed")
        | ((Tenant.state == "provisioning") & (Tenant.updated_at < bindparam("horizon"))),
    )
    .order_by(Tenant.created_at)
)
# While a company is migrated or moved, its database is opened and closed by that operation alone, until its pause is
# ended in the catalog.
_STATE = case((Tenant.migrating_until.is_not(None), literal("migrating")), else_=Tenant.state)
# One statement, so one snapshot: a spare that is becoming a tenant is never missed.
_KNOWN = union_all(
    select(Tenant.database, _STATE).where(Tenant.server_id == bindparam("server_id")),
    select(Spare.database, literal("spare")).where(Spare.server_id == bindparam("server_id")),
    select(SetAside.database, SetAside.purpose).where(SetAside.server_id == bindparam("server_id")),
)


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A difference between a server and the catalog, and how it was resolved. `name` is opaque."""

    kind: Literal["company", "spare", "database", "role"]
    name: str
    outcome: ReconcileOutcome


class Reconciler:
    """Finishes or undoes interrupted operations on every server; one that cannot be reached stops none of the others."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        registrar: Registrar,
        spares: Spares,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._registrar = registrar
        self._spares = spares
        self._patience = timedelta(seconds=patience_seconds)
        self._labels = Labels(catalog, servers)

    def reconcile(self) -> list[Discrepancy]:
        """Resolve discrepancies and return them in order; none while another process holds the maintenance lock."""
        pauses.end_lapsed(self._catalog)
        found: list[Discrepancy] = []
        with self._servers.try_lock(advisory_locks.MAINTENANCE) as is_alone:
            if not is_alone:
                return found
            servers = self._servers.all()
            # On every server before anything is opened, undone or dropped on any: a catalog that was restored from a backup
            # may have companies on another server than they are.
            for step in (self._newer_copies, self._on_server):
                for server in servers:
                    try:
                        found += step(server)
                    except RECOVERABLE_ERRORS:
                        log.exception("server_not_reconciled", server=server.name)
        for discrepancy in found:
            log.warning(
                "reconciled", kind=discrepancy.kind, name=discrepancy.name, outcome=discrepancy.outcome
            )
        return found

    def _newer_copies(self, server: ManagedServer) -> Iterator[Discrepancy]:
        for database in self._labels.adopt_newer(server):
            yield Discrepancy("database", database, "adopted")

    def _on_server(self, server: ManagedServer) -> Iterator[Discrepancy]:
        yield from self._companies(server)
        yield from self._half_made_spares(server)
        yield from self._leftovers(server)

    # Companies whose registration was interrupted

    def _companies(self, server: ManagedServer) -> Iterator[Discrepancy]:
        values = {"server_id": server.id, "horizon": now() - self._patience}
        with self._catalog.reading() as reader:
            unfinished = reader.rows(_UNFINISHED, values)
        for tenant_id, state, database, attempts in unfinished:
            if state == "failed" or attempts >= MAX_ATTEMPTS:
                yield Discrepancy("company", tenant_id, self._undo(server, tenant_id, database))
            else:
                yield Discrepancy("company", tenant_id, self._finish(tenant_id))

    def _finish(self, tenant_id: str) -> ReconcileOutcome:
        with self._catalog.begin() as session:
            session.execute(update(Tenant).where(Tenant.id == tenant_id).values(attempts=Tenant.attempts + 1))
        try:
            self._registrar.resume(tenant_id)
        except RECOVERABLE_ERRORS:
            log.exception("registration_not_finished", tenant_id=tenant_id)
            return "not_finished"
        return "finished"

    def _undo(self, server: ManagedServer, tenant_id: str, database: str) -> ReconcileOutcome:
        """Undo a registration: `failed` first, so that nothing resumes it; rows last, so that undoing can be repeated."""
        with self._catalog.begin() as session:
            statement = (
                update(Tenant)
                .where(Tenant.id == tenant_id, Tenant.state.in_(("provisioning", "failed")))
                .values(state="failed")
                .returning(Tenant.id)
            )
            if session.scalars(statement).one_or_none() is None:
                return "finished"
        try:
            server.provisioner.drop_database(database, unfinished(tenant_id))
        except Contradiction as contradiction:
            log.warning("database_kept", tenant_id=tenant_id, reason=str(contradiction))
            if contradiction.identity is not None and contradiction.is_of(tenant_id):
                return self._take_as_finished(tenant_id, contradiction.identity)
        except RECOVERABLE_ERRORS:
            log.exception("registration_not_undone", tenant_id=tenant_id)
            return "not_finished"
        self._forget(tenant_id)
        return "undone"

    def _take_as_finished(self, tenant_id: str, identity: DatabaseIdentity) -> ReconcileOutcome:
        """Have the catalog follow a company that was registered after the catalog was saved."""
        label = identity.label or Label(tenant_id, 1, "active")
        if label.state in {"replaced", "filling"}:
            return "kept"
        with self._catalog.begin() as session:
            values = {"state": label.state, "epoch": label.epoch}
            session.execute(update(Tenant).where(Tenant.id == tenant_id).values(**values))
        return "followed"

    def _forget(self, tenant_id: str) -> None:
        """Delete the company and its founder, so that the e-mail address is free again."""
        members = select(Membership.user_id).where(Membership.tenant_id == tenant_id)
        elsewhere = exists().where(Membership.user_id == Login.id)
        with self._catalog.begin() as session:
            user_ids = session.scalars(members).all()
            session.execute(delete(Tenant).where(Tenant.id == tenant_id))
            session.execute(delete(Login).where(Login.id.in_(user_ids), ~elsewhere))

    # Spares

    def _half_made_spares(self, server: ManagedServer) -> list[Discrepancy]:
        return [Discrepancy("spare", database, "finished") for database in self._spares.tidy(server)]

    # Databases and roles the catalog does not know, and those the server does not have

    def _leftovers(self, server: ManagedServer) -> Iterator[Discrepancy]:
        inventory = server.provisioner.inventory()
        for company_id in self._labels.agree(server, inventory):
            yield Discrepancy("company", company_id, "followed")
        for database in self._spares.forget(server, inventory):
            yield Discrepancy("spare", database, "forgotten")
        with self._catalog.reading() as reader:
            known: dict[str, str] = dict(reader.rows(_KNOWN, {"server_id": server.id}))
        for database in sorted(inventory.databases - known.keys()):
            yield Discrepancy("database", database, self._drop_if_unused(server, database))
        for role in sorted(inventory.roles - inventory.databases - known.keys()):
            yield Discrepancy("role", role, self._role_of_nobody(server, role))
        for database, state in sorted(known.items()):
            is_there = database in inventory.databases - inventory.broken
            if state in {"active", "suspended"} and not is_there:
                yield Discrepancy("database", database, "missing")
            elif is_there and (outcome := self._access(server, database, state, inventory)):
                yield Discrepancy("database", database, outcome)

    def _access(
        self, server: ManagedServer, database: str, state: str, inventory: Inventory
    ) -> ReconcileOutcome | None:
        """Open the database of a company that is served; close that of one that is suspended, say."""
        is_open, label = database in inventory.open, inventory.labels.get(database)
        is_still = partial(self._is_still, server, database, state)
        is_replaced = label is not None and label.state == "replaced"
        try:
            if state == "active" and not is_open and not is_replaced:
                server.provisioner.open_database(database, is_wanted=is_still)
                return "opened"
            if state in CLOSED_STATES and is_open:
                server.provisioner.close_database(database, is_wanted=is_still)
                return "closed"
        except RECOVERABLE_ERRORS:
            log.exception("access_not_set", database=database)
        return None

    def _is_still(self, server: ManagedServer, database: str, state: str) -> bool:
        with self._catalog.reading() as reader:
            return (database, state) in reader.rows(_KNOWN, {"server_id": server.id})

    def _drop_if_unused(self, server: ManagedServer, database: str) -> ReconcileOutcome:
        """Drop a database that the catalog does not know if nobody used it.

        An invalid one was being dropped already; nobody can ever read it again.
        """
        try:
            server.provisioner.drop_database(database, LEFTOVER)
        except Contradiction:
            return "kept"
        except RECOVERABLE_ERRORS:
            log.exception("leftover_not_dropped", database=database)
            return "kept"
        return "dropped"

    def _role_of_nobody(self, server: ManagedServer, role: str) -> ReconcileOutcome:
        try:
            server.provisioner.drop_database(role, LEFTOVER)
        except RECOVERABLE_ERRORS:
            log.exception("role_not_dropped", role=role)
            return "kept"
        return "dropped"
