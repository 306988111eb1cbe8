"""Moving a company to another server: copied while people work in it, then swapped in a short pause.

Until the catalog names the new database nothing has changed for the company, and whatever breaks off before is
undone: its old database lets it in again and the new one is cleared away. In the pause its people are told to
come back in a moment (503).
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

from sqlalchemy import bindparam, select, update

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
from crmtenant.db.schema.migrations import head
from crmtenant.errors import Conflict, OperatorError
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import SetAside, Tenant
from crmtenant.services.fleet.database_swap import set_aside, swap

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer

#: So long the old database is kept, closed.
KEPT = timedelta(days=1)
#: Of a killed move nothing is left but this; then the company is served again where it was.
LEASE = timedelta(minutes=2)
MOVED_STATES = ("active", "suspended")

_PLACE = select(Tenant.slug, Tenant.state, Tenant.server_id, Tenant.database, Tenant.schema_revision).where(
    Tenant.id == bindparam("tenant_id")
)
_PUT_OFF = (
    update(Tenant).where(Tenant.id == bindparam("tenant_id")).values(migrating_until=bindparam("until"))
)
_PUT_OFF_NOW = select(Tenant.id).where(Tenant.migrating_until.is_not(None))
_FILLED = select(SetAside.database).where(SetAside.purpose == "restoring")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """A company that is on another server now, and for how long its people had to wait."""

    slug: str
    server: str
    pause_seconds: float
    is_replicated: bool


@dataclass(frozen=True, slots=True)
class _Course:
    tenant_id: str
    slug: str
    source: ManagedServer
    old: str
    target: ManagedServer
    new: str


class Mover:
    """Moves companies. `settle` opens or shuts a company's database by its state."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, restorer: Restorer, settle: Callable[[str], None]
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._restorer = restorer
        self._settle = settle

    def why_paused(self, tenant_id: str, target: ManagedServer) -> str | None:
        """Why people would have to wait for the whole copying; None if they need not."""
        return replication_obstacle(self._course(tenant_id, target).source.address, target.address)

    def move(self, tenant_id: str, target: ManagedServer, on_step: Progress = lambda _: None) -> Moved:
        """The company, on the other server. `OperatorError` if it could not be moved, and is where it was."""
        course = self._course(tenant_id, target)
        with (
            self._servers.try_lock(advisory_locks.database_fill(course.new)),
            self._servers.try_lock(advisory_locks.company_move(tenant_id)) as is_alone,
        ):
            if not is_alone:
                raise Conflict(f"{course.slug} is being moved by another process.")
            set_aside(self._catalog, target, course.new, tenant_id)
            try:
                if replication_obstacle(course.source.address, target.address) is None:
                    return self._follow(course, on_step)
                return self._carry(course, on_step)
            finally:
                self._restorer.clear(course.new)

    def sweep(self) -> list[str]:
        """The subscriptions and slots that killed moves left behind, and that are gone now."""
        gone = []
        servers = self._servers.all()
        for server in servers:
            for database in self._unfilled(subscribers(server.address, self._servers.names)):
                drop_subscriptions(server.address, database)
                gone.append(database)
        for server in servers:
            slots = abandoned_slots(server.address, self._servers.names)
            for database in self._unfilled(slots):
                drop_slot(server.address, slots[database])
                gone.append(slots[database])
        return gone

    def release(self) -> list[str]:
        """The companies that a killed migration or move had put off, and that are served again."""
        released = []
        with self._servers.try_lock(advisory_locks.MIGRATION) as is_alone:
            with self._catalog.reading() as reader:
                put_off = [tenant_id for (tenant_id,) in reader.rows(_PUT_OFF_NOW)] if is_alone else []
            for tenant_id in put_off:
                with self._servers.try_lock(advisory_locks.company_move(tenant_id)) as is_forgotten:
                    if is_forgotten:
                        self._put_off(tenant_id, paused=False)
                        released.append(tenant_id)
        return released

    def _unfilled(self, databases: Iterable[str]) -> list[str]:
        """Those that nobody is filling. Asked after they were seen: whoever moves has set the database aside
        before."""
        seen = list(databases)
        with self._catalog.reading() as reader:
            filled = {database for (database,) in reader.rows(_FILLED)}
        return [database for database in seen if database not in filled]

    # The two ways

    def _follow(self, course: _Course, on_step: Progress) -> Moved:
        """By replication: people work on while everything is copied, and wait only for the last of it."""
        course.target.provisioner.make_database(course.new)
        replication = Replication(
            ReplicatedDatabase(course.source.address, course.old),
            ReplicatedDatabase(course.target.address, course.new),
            self._servers.names,
        )
        try:
            replication.begin()
            replication.wait_until_copied(lambda done, total: on_step(f"copied {done} of {total} tables"))
            course.target.provisioner.finish_filled(course.new)
            with self._paused(course) as began_at:
                on_step("catching up")
                replication.catch_up()
                self._compare(course)
                self._flip(course)
                pause_seconds = time.monotonic() - began_at
        finally:
            replication.end()
        return Moved(course.slug, course.target.name, pause_seconds, is_replicated=True)

    def _carry(self, course: _Course, on_step: Progress) -> Moved:
        """By dump and restore: people wait for all of it."""
        course.target.provisioner.make_empty(course.new)
        with self._paused(course) as began_at, tempfile.TemporaryFile() as file:
            on_step("saving")
            saved = course.source.dumps.save(course.old, file)
            file.seek(0)
            on_step("filling")
            course.target.dumps.fill(course.new, file)
            wrong = course.target.dumps.compare(course.new, saved)
            if wrong:
                raise _not_the_same(wrong)
            course.target.provisioner.finish_filled(course.new)
            self._flip(course)
            pause_seconds = time.monotonic() - began_at
        return Moved(course.slug, course.target.name, pause_seconds, is_replicated=False)

    # Steps

    def _course(self, tenant_id: str, target: ManagedServer) -> _Course:
        with self._catalog.reading() as reader:
            row = reader.row(_PLACE, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("There is no such company any more.")
        slug, state, server_id, database, revision = row
        if state not in MOVED_STATES:
            raise Conflict(f"{slug} is {state}, so it cannot be moved.", code="wrong_company_state")
        if server_id == target.id:
            raise OperatorError(f"{slug} is on {target.name} already.")
        if revision != head("tenant"):
            raise OperatorError(f"{slug} is at schema revision {revision}; migrate it first.")
        source = self._servers.of(server_id)
        if major_version(target.address) < major_version(source.address):
            raise OperatorError(f"{target.name} runs an older PostgreSQL than {source.name}.")
        return _Course(tenant_id, slug, source, database, target, new_id("t"))

    @contextmanager
    def _paused(self, course: _Course) -> Iterator[float]:
        """The moment from which on nobody works in the company; at the end it is served, wherever it then is."""
        began_at = time.monotonic()
        self._put_off(course.tenant_id, paused=True)
        try:
            course.source.provisioner.close_database(course.old)
            yield began_at
        finally:
            self._put_off(course.tenant_id, paused=False)
            self._settle(course.tenant_id)

    def _put_off(self, tenant_id: str, *, paused: bool) -> None:
        until = now() + LEASE if paused else None
        with self._catalog.begin() as session:
            session.execute(_PUT_OFF, {"tenant_id": tenant_id, "until": until})

    def _compare(self, course: _Course) -> None:
        # Both servers at once: people wait for this.
        with ThreadPoolExecutor(1, "comparing") as beside:
            copied = beside.submit(course.target.dumps.contents, course.new)
            wrong = differences(course.source.dumps.contents(course.old), copied.result())
        if wrong:
            raise _not_the_same(wrong)

    def _flip(self, course: _Course) -> None:
        with self._catalog.begin() as session:
            company = session.get_one(Tenant, course.tenant_id, with_for_update={"key_share": True})
            if company.state not in MOVED_STATES or company.database != course.old:
                raise OperatorError(f"{course.slug} was deleted or restored meanwhile.")
            swap(session, company, course.target, course.new, "moved", now() + KEPT)


def _not_the_same(wrong: list[str]) -> OperatorError:
    return OperatorError(f"The copy is not the same: {', '.join(wrong)}. Nothing was changed.")
