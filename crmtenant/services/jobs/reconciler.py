"""Making the server agree with the catalog again, after whatever broke off.

The rule that makes this safe: whoever makes a database writes its name into the catalog first (a `tenant` or
a `spare`), commits, and takes the name out only after the database is dropped. So a database of ours that
the catalog does not know, in a snapshot taken after the database was seen, belongs to nobody who is still at
it.

Even so only a database without a `company` row is dropped. One that has been a company's is reported and
left alone: the catalog may have been restored from an older backup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import bindparam, case, delete, exists, false, func, literal, select, union_all, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.models.catalog.tables import Login, Membership, SetAside, Spare, Tenant

if TYPE_CHECKING:
    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.spares import Spares
    from crmtenant.services.tenants.registration import Registrar

PATIENCE_SECONDS = 60
MAX_ATTEMPTS = 5

log = structlog.get_logger(__name__)

Outcome = Literal["finished", "not_finished", "undone", "dropped", "kept", "missing", "opened", "closed"]

SHUT = frozenset({"suspended", "deleting", "deleted", "retired", "moved"})

_UNFINISHED = (
    select(Tenant.id, Tenant.state, Tenant.database, Tenant.attempts)
    .where(
        Tenant.server_id == bindparam("server_id"),
        (Tenant.state == "failed")
        | ((Tenant.state == "provisioning") & (Tenant.updated_at < bindparam("horizon"))),
    )
    .order_by(Tenant.created_at)
)
#: A company's state; whoever migrates or moves it shuts and opens its door, and has it until they are done, or dead.
STATE_NOW = case(
    (func.coalesce(Tenant.migrating_until > func.now(), false()), literal("migrating")), else_=Tenant.state
)
# One statement, so one snapshot: a spare on its way to becoming a tenant is never overlooked.
_KNOWN = union_all(
    select(Tenant.database, STATE_NOW).where(Tenant.server_id == bindparam("server_id")),
    select(Spare.database, literal("spare")).where(Spare.server_id == bindparam("server_id")),
    select(SetAside.database, SetAside.purpose).where(SetAside.server_id == bindparam("server_id")),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was not as it should be, and what became of it. `name` is opaque."""

    kind: Literal["company", "spare", "database", "role"]
    name: str
    outcome: Outcome


class Reconciler:
    """Finishes or undoes what broke off, on every server; one that cannot be reached stops none of the others."""

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

    def reconcile(self) -> list[Finding]:
        """What was found, in the order it was dealt with; nothing while another process is at it."""
        found: list[Finding] = []
        with self._servers.try_lock(advisory_locks.MAINTENANCE) as is_alone:
            if not is_alone:
                return found
            for server in self._servers.all():
                try:
                    found += [
                        *self._companies(server),
                        *self._half_made_spares(server),
                        *self._leftovers(server),
                    ]
                except RECOVERABLE_ERRORS:
                    log.exception("server_not_reconciled", server=server.name)
        for finding in found:
            log.warning("reconciled", kind=finding.kind, name=finding.name, outcome=finding.outcome)
        return found

    # Companies whose registration broke off

    def _companies(self, server: ManagedServer) -> Iterator[Finding]:
        values = {"server_id": server.id, "horizon": now() - self._patience}
        with self._catalog.reading() as reader:
            unfinished = reader.rows(_UNFINISHED, values)
        for tenant_id, state, database, attempts in unfinished:
            if state == "failed" or attempts >= MAX_ATTEMPTS:
                yield Finding("company", tenant_id, self._undo(server, tenant_id, database))
            else:
                yield Finding("company", tenant_id, self._finish(tenant_id))

    def _finish(self, tenant_id: str) -> Outcome:
        with self._catalog.begin() as session:
            session.execute(update(Tenant).where(Tenant.id == tenant_id).values(attempts=Tenant.attempts + 1))
        try:
            self._registrar.resume(tenant_id)
        except RECOVERABLE_ERRORS:
            log.exception("registration_not_finished", tenant_id=tenant_id)
            return "not_finished"
        return "finished"

    def _undo(self, server: ManagedServer, tenant_id: str, database: str) -> Outcome:
        """`failed` first, so that no late registration carries on; rows last, so that it can be repeated."""
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
            server.provisioner.drop_database(database)
        except RECOVERABLE_ERRORS:
            log.exception("registration_not_undone", tenant_id=tenant_id)
            return "not_finished"
        self._forget(tenant_id)
        return "undone"

    def _forget(self, tenant_id: str) -> None:
        """Nothing comes back; company and founder are gone, so the e-mail address is free again."""
        members = select(Membership.user_id).where(Membership.tenant_id == tenant_id)
        elsewhere = exists().where(Membership.user_id == Login.id)
        with self._catalog.begin() as session:
            user_ids = session.scalars(members).all()
            session.execute(delete(Tenant).where(Tenant.id == tenant_id))
            session.execute(delete(Login).where(Login.id.in_(user_ids), ~elsewhere))

    # Spares

    def _half_made_spares(self, server: ManagedServer) -> list[Finding]:
        return [Finding("spare", database, "finished") for database in self._spares.tidy(server)]

    # What the catalog does not know, and what the server does not have

    def _leftovers(self, server: ManagedServer) -> Iterator[Finding]:
        inventory = server.provisioner.inventory()
        with self._catalog.reading() as reader:
            known: dict[str, str] = dict(reader.rows(_KNOWN, {"server_id": server.id}))
        for database in sorted(inventory.databases - known.keys()):
            yield Finding("database", database, self._drop_if_unused(server, database, inventory))
        for role in sorted(inventory.roles - inventory.databases - known.keys()):
            server.provisioner.drop_database(role)
            yield Finding("role", role, "dropped")
        for database, state in sorted(known.items()):
            is_there = database in inventory.databases - inventory.broken
            if state in {"active", "suspended"} and not is_there:
                yield Finding("database", database, "missing")
            elif is_there:
                yield from self._door(server, database, state, is_open=database in inventory.open)

    def _door(self, server: ManagedServer, database: str, state: str, *, is_open: bool) -> Iterator[Finding]:
        """A company that is served lets its role in; one that is suspended, say, lets nobody in."""
        is_still = partial(self._is_still, server, database, state)
        if state == "active" and not is_open:
            server.provisioner.open_database(database, is_wanted=is_still)
            yield Finding("database", database, "opened")
        if state in SHUT and is_open:
            server.provisioner.close_database(database, is_wanted=is_still)
            yield Finding("database", database, "closed")

    def _is_still(self, server: ManagedServer, database: str, state: str) -> bool:
        with self._catalog.reading() as reader:
            return (database, state) in reader.rows(_KNOWN, {"server_id": server.id})

    def _drop_if_unused(self, server: ManagedServer, database: str, inventory: Inventory) -> Outcome:
        """A broken one was being dropped already; nobody can ever read it again."""
        try:
            if database not in inventory.broken and not server.provisioner.is_unused(database):
                return "kept"
            server.provisioner.drop_database(database)
        except RECOVERABLE_ERRORS:
            log.exception("leftover_not_dropped", database=database)
            return "kept"
        return "dropped"
