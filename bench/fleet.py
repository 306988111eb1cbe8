"""Backing up, restoring, cloning, migrating and registering companies, against what PostgreSQL alone needs for it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figure, Goal, at_most
from bench.fleet_migrating import measure_idle, measure_migrating
from bench.ground import Ground, ground
from bench.run import Run, median_ratio, ms, seconds, spread
from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.embedded.programs import client_program
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.schema.migrations import head
from crmtenant.ids import new_id
from crmtenant.platform import Platform
from crmtenant.worker import Worker


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is to do, in a quick run or a full one."""

    rounds: int
    contacts: int
    migrated: int
    idle: int


WHOLE = Sizes(rounds=9, contacts=5000, migrated=300, idle=1000)
QUICK = Sizes(rounds=3, contacts=500, migrated=30, idle=100)


def measure(run: Run, sizes: Sizes | None = None) -> list[Figure]:
    """Measure everything in rounds in which both sides take turns."""
    sizes = sizes or (QUICK if run.is_quick else WHOLE)
    with ground(spares=0) as home:
        figures = [*_backups(run, home, sizes), *_registrations(run, home, sizes)]
        figures += measure_migrating(run, home, sizes.migrated, min(sizes.rounds, 5))
        figures += measure_idle(run, home, sizes.idle, min(sizes.rounds, 5))
    return figures


def in_turns(run: Run, rounds: int, what: str, *actions: Callable[[], object]) -> list[list[float]]:
    """Return how long each action took in each round; every other round has the opposite order."""
    times: list[list[float]] = [[] for _ in actions]
    for number in run.watched(range(rounds), what, rounds):
        turns = list(zip(actions, times, strict=True))
        for action, taken in turns if number % 2 else reversed(turns):
            taken.append(seconds(action))
    return times


def compared(what: str, ours: list[float], control: list[float], goal: Goal | None = None) -> Figure:
    """Return our time as a multiple of the control's."""
    seen = f"{ms(ours)} of {ms(control)}, rounds {spread(ours, control)}"
    return Figure("fleet", what, median_ratio(ours, control), "x", seen, goal)


# Backup, restore, clone


def _backups(run: Run, home: Ground, sizes: Sizes) -> list[Figure]:
    operations, company = home.platform.operations, home.company(contacts=sizes.contacts)
    address = home.address(company)
    # Nobody may be connected to a database that CREATE DATABASE copies.
    home.platform.databases.broker.forget(address)
    admin_address = home.platform._server.address.admin(address.database)
    bare = _Bare(home, admin_address)
    backup = operations.backups.make(company.tenant_id, by="bench")

    def clone() -> None:
        with operations.backups.temporary(company.tenant_id, by="bench") as path:
            operations.restorer.as_new(path, "Copy")

    saved = in_turns(
        run,
        sizes.rounds,
        "fleet: saving",
        lambda: operations.backups.make(company.tenant_id, by="bench"),
        bare.dump,
    )
    proven = in_turns(
        run, sizes.rounds, "fleet: proving", lambda: operations.restorer.prove(backup), bare.restore
    )
    copied = in_turns(run, sizes.rounds, "fleet: copying", clone, bare.copy)
    home.platform.databases.broker.forget(address)
    restored = in_turns(
        run,
        sizes.rounds,
        "fleet: restoring",
        lambda: operations.restorer.into(backup, company.tenant_id),
        bare.restore,
    )
    return [
        compared("backup, of bare pg_dump", *saved),
        compared("proof, of bare CREATE DATABASE + pg_restore", *proven),
        compared("restore, of bare CREATE DATABASE + pg_restore", *restored),
        compared("clone, of CREATE DATABASE ... TEMPLATE", *copied),
    ]


class _Bare:
    """What PostgreSQL's own programs and statements do with the company's database."""

    def __init__(self, home: Ground, source: DatabaseAddress) -> None:
        self._home = home
        self._source = source
        self._file = home.directory / "bare.dump"
        self._owner = home.platform.operations.servers.names.owner
        self.dump()

    def dump(self) -> None:
        self._run(
            "pg_dump", "--format=custom", "--exclude-schema=pg_catalog", f"--file={self._file}",
            self._source.database,
        )  # fmt: skip

    def restore(self) -> None:
        database = new_id("t")
        with administering(self._home.platform._server.address.admin()) as admin:
            statements.create_empty(admin, database, self._owner)
        self._run(
            "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", f"--role={self._owner}",
            f"--dbname={database}", str(self._file),
        )  # fmt: skip

    def copy(self) -> None:
        with administering(self._home.platform._server.address.admin()) as admin:
            statements.end_sessions(admin, self._source.database)
            statements.copy_template(admin, self._source.database, new_id("t"), self._owner)

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [client_program(name, 18), *arguments],
            env={
                **os.environ,
                "PGHOST": self._source.host,
                "PGPORT": str(self._source.port),
                "PGUSER": self._source.user,
                **({"PGPASSWORD": self._source.password} if self._source.password else {}),
            },
            check=True,
        )


# Registration by a process without rights


def _registrations(run: Run, home: Ground, sizes: Sizes) -> list[Figure]:
    server = home.platform._server.address
    names = home.platform.operations.servers.names
    spares = home.platform.operations.spares(1)
    unprivileged = ServerAddress(server.host, server.port, None)
    web = Platform(home.platform.settings, Server(unprivileged, lambda: None))
    worker = Worker(home.platform, entity_tree_of(ENTITIES).entities)
    worker.start()

    def register() -> None:
        web.tenants.registrar.register(home.new_company())

    def copy() -> None:
        with administering(server.admin()) as admin:
            statements.copy_template(admin, names.template(head("tenant")), new_id("t"), names.owner)

    with_spare: list[float] = []
    register()
    try:
        asking, raw = in_turns(run, sizes.rounds, "fleet: founding", register, copy)
        for _ in run.watched(range(sizes.rounds), "fleet: with a spare", sizes.rounds):
            while not spares.top_up():
                # The worker is making spares, which only one process at a time does.
                time.sleep(0.05)
            with_spare.append(seconds(register))
    finally:
        worker.stop()
        web.close()
    return [
        compared("founding through the worker, of raw CREATE DATABASE", asking, raw),
        compared("founding by a web process with a spare, of the same", with_spare, raw, at_most(0.2)),
    ]
