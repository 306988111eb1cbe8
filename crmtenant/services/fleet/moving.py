"""Moving a company to another server: copied while people work in it, then switched over in a short pause.

Until the catalog names the new database nothing has changed for the company. A move that fails before is undone:
the old database is opened again and the new one is dropped. During the pause requests are answered 503 with
Retry-After.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.checksums import differences
from crmtenant.db.admin.replication import (
    ReplicatedDatabase,
    Replication,
    abandoned_slots,
    drop_slot,
    drop_subscriptions,
    major_version,
    replication_obstacle,
    subscribers,
)
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import Label
from crmtenant.db.schema.migrations import head
from crmtenant.errors import Conflict, OperatorError
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.fleet import pauses
from crmtenant.services.fleet.database_swap import label_swapped, swap_database
from crmtenant.services.fleet.labels import require_current
from crmtenant.services.fleet.pauses import Pause

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.database_swap import RetainedDatabases

#: How long the old database is kept, closed.
KEPT = timedelta(days=1)
MOVABLE_STATES = ("active", "suspended")

log = structlog.get_logger(__name__)

_LOCATION = select(
    Tenant.slug, Tenant.state, Tenant.server_id, Tenant.database, Tenant.schema_revision
).where(Tenant.id == bindparam("tenant_id"))

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CompletedMove:
    """A company that is on another server now, and how long its people had to wait."""

    slug: str
    server: str
    pause_seconds: float
    is_replicated: bool


@dataclass(frozen=True, slots=True)
class _Move:
    tenant_id: str
    slug: str
    source: ManagedServer
    old: str
    target: ManagedServer
    new: str


class Mover:
    """Moves companies. `settle` opens or closes a company's database according to its state."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        retained: RetainedDatabases,
        settle: Callable[[str], None],
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._retained = retained
        self._settle = settle

    def why_not_replicated(self, tenant_id: str, target: ManagedServer) -> str | None:
        """Return why the company cannot be replicated, so that people wait for all of the copying; None if it can."""
        return replication_obstacle(self._plan(tenant_id, target).source.address, target.address)

    def move(
        self, tenant_id: str, target: ManagedServer, on_step: Progress = lambda _: None
    ) -> CompletedMove:
        """Move the company to the other server. Raises `OperatorError` if that failed; it then is where it was."""
        move = self._plan(tenant_id, target)
        with self._servers.try_lock(advisory_locks.company_move(tenant_id)) as is_alone:
            if not is_alone:
                raise Conflict(f"{move.slug} is being moved by another process.")
            with self._catalog.begin() as session:
                require_current(move.source, session.get_one(Tenant, tenant_id))
            with self._retained.filling(target, move.new, tenant_id):
                if replication_obstacle(move.source.address, target.address) is None:
                    return self._replicate(move, on_step)
                return self._dump_and_restore(move, on_step)

    def sweep(self) -> list[str]:
        """Drop the subscriptions and slots that killed moves left behind; return their names."""
        servers = self._servers.all()
        return [
            name
            for sweep in (self._sweep_subscriptions, self._sweep_slots)
            for server in servers
            for name in sweep(server)
        ]

    def _sweep_subscriptions(self, server: ManagedServer) -> Iterator[str]:
        try:
            for database in self._abandoned(subscribers(server.address, self._servers.names)):
                drop_subscriptions(server.address, database)
                yield database
        except RECOVERABLE_ERRORS:
            log.exception("subscriptions_not_dropped", server=server.name)

    def _sweep_slots(self, server: ManagedServer) -> Iterator[str]:
        try:
            slots = abandoned_slots(server.address, self._servers.names)
            for database in self._abandoned(slots):
                drop_slot(server.address, slots[database])
                yield slots[database]
        except RECOVERABLE_ERRORS:
            log.exception("slots_not_dropped", server=server.name)

    def release(self) -> list[str]:
        """Serve the companies again that killed migrations and moves had paused; return their ids.

        Whoever is at work holds a lock, which PostgreSQL frees when they die. Who holds it, but has not renewed the
        pause, is taken for dead as well.
        """
        lapsed = pauses.end_lapsed(self._catalog)
        for tenant_id in lapsed:
            self._serve(tenant_id)
        return lapsed + [tenant_id for tenant_id in pauses.paused(self._catalog) if self._release(tenant_id)]

    def _release(self, tenant_id: str) -> bool:
        with (
            self._servers.try_lock(advisory_locks.MIGRATION) as is_alone,
            self._servers.try_lock(advisory_locks.company_move(tenant_id)) as is_abandoned,
        ):
            if not (is_alone and is_abandoned):
                return False
            pauses.end(self._catalog, tenant_id)
            self._serve(tenant_id)
            return True

    def _serve(self, tenant_id: str) -> None:
        """Open or close the company's database as the catalog says. If that fails, the reconciler does it."""
        try:
            self._settle(tenant_id)
        except RECOVERABLE_ERRORS:
            log.exception("pause_not_ended", tenant_id=tenant_id)

    def _abandoned(self, databases: Iterable[str]) -> list[str]:
        """Return those that nobody is filling.

        The catalog is read after they were seen: a move records its database before it makes anything.
        """
        seen = list(databases)
        filling = self._retained.being_filled()
        return [database for database in seen if database not in filling]

    # The two ways

    def _replicate(self, move: _Move, on_step: Progress) -> CompletedMove:
        """Move by replication: people go on working while everything is copied, and wait only for the last changes."""
        move.target.provisioner.make_database(move.new)
        move.target.provisioner.label_database(move.new, Label(move.tenant_id, 0, "filling"))
        replication = Replication(
            ReplicatedDatabase(move.source.address, move.old),
            ReplicatedDatabase(move.target.address, move.new),
            self._servers.names,
        )
        try:
            replication.begin()
            replication.wait_until_copied(lambda done, total: on_step(f"copied {done} of {total} tables"))
            move.target.provisioner.finish_filled(move.new)
            began_at = time.monotonic()
            with self._paused(move) as pause:
                on_step("catching up")
                replication.catch_up()
                self._compare(move)
                self._switch(move, pause)
                pause_seconds = time.monotonic() - began_at
        finally:
            replication.end()
        return CompletedMove(move.slug, move.target.name, pause_seconds, is_replicated=True)

    def _dump_and_restore(self, move: _Move, on_step: Progress) -> CompletedMove:
        """Move by dump and restore: people wait for all of it."""
        move.target.provisioner.make_empty(move.new, move.tenant_id)
        began_at = time.monotonic()
        with self._paused(move) as pause, tempfile.TemporaryFile() as file:
            on_step("saving")
            saved = move.source.dumps.save(move.old, file)
            file.seek(0)
            on_step("filling")
            move.target.dumps.fill(move.new, file)
            wrong = move.target.dumps.compare(move.new, saved)
            if wrong:
                raise _copy_differs(wrong)
            move.target.provisioner.finish_filled(move.new)
            self._switch(move, pause)
            pause_seconds = time.monotonic() - began_at
        return CompletedMove(move.slug, move.target.name, pause_seconds, is_replicated=False)

    # Steps

    def _plan(self, tenant_id: str, target: ManagedServer) -> _Move:
        with self._catalog.reading() as reader:
            row = reader.row(_LOCATION, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("The company no longer exists.")
        slug, state, server_id, database, revision = row
        if state not in MOVABLE_STATES:
            raise Conflict(f"{slug} is {state}, so it cannot be moved.", code="wrong_company_state")
        if server_id == target.id:
            raise OperatorError(f"{slug} is on {target.name} already.")
        if revision != head("tenant"):
            raise OperatorError(f"{slug} is at schema revision {revision}; migrate it first.")
        source = self._servers.of(server_id)
        if major_version(target.address) < major_version(source.address):
            raise OperatorError(f"{target.name} runs an older PostgreSQL than {source.name}.")
        return _Move(tenant_id, slug, source, database, target, new_id("t"))

    @contextmanager
    def _paused(self, move: _Move) -> Iterator[Pause]:
        """Keep everybody out of the company, and serve it again at the end."""
        with Pause(self._catalog, move.tenant_id) as pause:
            try:
                move.source.provisioner.close_database(move.old)
                yield pause
            finally:
                pause.end()
                self._settle(move.tenant_id)

    def _compare(self, move: _Move) -> None:
        # Both servers at once: people wait for this.
        with ThreadPoolExecutor(1, "comparing") as beside:
            copied = beside.submit(move.target.dumps.contents, move.new)
            wrong = differences(move.source.dumps.contents(move.old), copied.result())
        if wrong:
            raise _copy_differs(wrong)

    def _switch(self, move: _Move, pause: Pause) -> None:
        with self._catalog.begin() as session:
            company = pause.require(session)
            require_current(move.source, company)
            if company.state not in MOVABLE_STATES or company.database != move.old:
                raise OperatorError(f"{move.slug} was deleted or restored in the meantime.")
            old = swap_database(session, company, move.target, move.new, "moved", now() + KEPT)
        label_swapped(move.target, move.new, move.source, old)


def _copy_differs(wrong: list[str]) -> OperatorError:
    return OperatorError(f"The copy differs: {', '.join(wrong)}. Nothing was changed.")
