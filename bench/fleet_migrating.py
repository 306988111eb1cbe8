"""Migrating many companies, against connecting to each and against Alembic; and checking whether any is outdated."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median

from sqlalchemy import insert, select, update

from bench.figures import Figure, Goal, at_least, at_most
from bench.ground import ROOT, Ground, environment
from bench.run import Run, median_ratio, ms, seconds, spread
from crmtenant.clock import now
from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering
from crmtenant.db.schema import replay
from crmtenant.db.schema.migrations import head, revisions, upgrade
from crmtenant.db.schema.replay import Change
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Server, Tenant

_JOBS = 4


def measure_migrating(run: Run, home: Ground, count: int, rounds: int) -> list[Figure]:
    """Measure migrations by a column, which is the same in every release, by the newest revision, and by all of them."""
    first, *_, last_but_one, _ = revisions("tenant")
    return [
        _migrating_by_a_column(run, home, count, rounds),
        *_migrating(run, home, last_but_one, "the newest revision", count, rounds, (None, at_least(8))),
        *_migrating(run, home, first, "all revisions", count // 3, rounds, (None, None)),
    ]


def _migrating_by_a_column(run: Run, home: Ground, count: int, rounds: int) -> Figure:
    share, (*_, start, end) = max(1, count // rounds), revisions("tenant")
    change_from = replay.change_from
    script = f"""
        ALTER TABLE contact ADD COLUMN measured text;
        UPDATE alembic_version SET version_num = '{end}';
    """
    old = _old_database(home, end)
    with administering(home.platform._server.address.admin(old)) as admin, admin.cursor() as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = %s", (start,))
    ours: list[float] = []
    control: list[float] = []
    replay.change_from = lambda *_: Change(start, end, script)  # type: ignore[assignment]
    try:
        for number in run.watched(range(rounds), "fleet: migrating by a column", rounds):
            companies = _copies(home, old, share)
            _connect(home, companies)
            turns = [
                lambda companies=companies: control.append(
                    seconds(lambda: _connect(home, companies)) / share
                ),
                lambda companies=companies: ours.append(_migrated(home, companies, start) / share),
            ]
            for turn in turns if number % 2 else reversed(turns):
                turn()
    finally:
        replay.change_from = change_from
    seen = f"{ms(ours)} a company, {share * rounds} companies, {_JOBS} threads; {ms(control)}, rounds {spread(ours, control)}"
    return Figure(
        "fleet",
        "migrating by a column, of connecting only",
        median_ratio(ours, control),
        "x",
        seen,
        at_most(2.7),
    )


def _migrating(
    run: Run,
    home: Ground,
    start: str,
    what: str,
    count: int,
    rounds: int,
    goals: tuple[Goal | None, Goal | None],
) -> list[Figure]:
    """In each round its share of the companies is connected to, and migrated; some more are migrated by Alembic,
    one after the other, within this process, and one by a process of its own, as its command does it."""
    share, by_hand = max(1, count // rounds), max(1, count // rounds // 6)
    old = _old_database(home, start)
    ours: list[float] = []
    control: list[float] = []
    alembic: list[float] = []
    command: list[float] = []
    for number in run.watched(range(rounds), f"fleet: migrating by {what}", rounds):
        companies = _copies(home, old, share)
        others, (alone,) = _copies(home, old, by_hand), _copies(home, old, 1)
        # Connect first: the very first connection to a database builds its caches.
        _connect(home, [*companies, *others, alone])
        turns = [
            lambda companies=companies: control.append(seconds(lambda: _connect(home, companies)) / share),
            lambda companies=companies: ours.append(_migrated(home, companies, start) / share),
            lambda others=others: alembic.append(seconds(lambda: _by_alembic(home, others)) / by_hand),
            lambda alone=alone: command.append(seconds(lambda: _by_a_process(home, alone))),
        ]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    each = f"{ms(ours)} a company, {share * rounds} companies, {_JOBS} threads"
    return [
        Figure("fleet", f"migrating by {what}, of connecting only", median_ratio(ours, control), "x",
               f"{each}; {ms(control)}, rounds {spread(ours, control)}", goals[0]),
        Figure("fleet", f"Alembic for each, of migrating by {what}", median_ratio(alembic, ours), "x",
               f"{ms(alembic)} of {ms(ours)} a company, rounds {spread(alembic, ours)}", goals[1]),
        Figure("fleet", f"a process of Alembic for each, of migrating by {what}", median_ratio(command, ours), "x",
               f"{ms(command)} of {ms(ours)} a company, rounds {spread(command, ours)}"),
    ]  # fmt: skip


def measure_idle(run: Run, home: Ground, count: int, rounds: int) -> list[Figure]:
    """Measure the whole command with so many companies, none of them outdated, and with no companies."""
    with home.platform.databases.catalog.begin() as session:
        session.execute(update(Tenant).values(schema_revision=head("tenant")))
    times: dict[bool, list[float]] = {False: [], True: []}
    rows = [new_id("t") for _ in range(count)]
    for _ in run.watched(range(rounds), "fleet: idle", rounds):
        for is_full in (False, True):
            if is_full:
                _record(home, rows, head("tenant"))
            times[is_full].append(seconds(lambda: _command(home.directory)))
        with home.platform.databases.catalog.begin() as session:
            session.execute(Tenant.__table__.delete().where(Tenant.database.in_(rows)))
    seen = f"{ms(times[True])} of {ms(times[False])} without them, {spread(times[True], times[False])}"
    return [
        Figure(
            "fleet", f"crmtenant migrate --all, {count} at head", median(times[True]), "s", seen, at_most(5)
        )
    ]


def _old_database(home: Ground, revision: str) -> str:
    database, names = new_id("t"), home.platform.operations.servers.names
    server = home.platform._server.address
    with administering(server.admin()) as admin:
        statements.create_empty(admin, database, names.owner)
        upgrade(server.admin(database), "tenant", owner=names.owner, writer=names.rw, revision=revision)
    return database


def _copies(home: Ground, source: str, count: int) -> list[str]:
    names, made = home.platform.operations.servers.names, [new_id("t") for _ in range(count)]
    with administering(home.platform._server.address.admin()) as admin:
        for database in made:
            statements.copy_template(admin, source, database, names.owner)
            statements.open_to(admin, database)
    return made


def _connect(home: Ground, companies: Sequence[str]) -> None:
    server = home.platform._server.address

    def one(database: str) -> None:
        with closing(server.admin(database).connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT version_num FROM alembic_version")
            cursor.fetchall()

    with ThreadPoolExecutor(_JOBS) as pool:
        list(pool.map(one, companies))


def _migrated(home: Ground, companies: Sequence[str], start: str) -> float:
    fleet = home.platform.operations.fleet_migration
    _record(home, companies, start)
    behind = fleet.behind()
    assert len(behind) == len(companies)
    taken = seconds(lambda: fleet.migrate(behind, jobs=_JOBS))
    assert fleet.behind() == []
    return taken


def _by_alembic(home: Ground, companies: Sequence[str]) -> None:
    names, server = home.platform.operations.servers.names, home.platform._server.address
    for database in companies:
        upgrade(server.admin(database), "tenant", owner=names.owner, writer=names.rw)


def _by_a_process(home: Ground, company: str) -> None:
    names, server = home.platform.operations.servers.names, home.platform._server.address
    where = (server.host, str(server.port), company, str(server.admin_user), names.owner, names.rw)
    subprocess.run([sys.executable, "-m", "bench.alembic_alone", *where], cwd=ROOT, check=True)


def _record(home: Ground, companies: Sequence[str], revision: str) -> None:
    with home.platform.databases.catalog.begin() as session:
        server_id = session.scalars(select(Server.id).order_by(Server.id).limit(1)).one()
        about = {"state": "active", "server_id": server_id, "schema_revision": revision}
        session.execute(
            insert(Tenant),
            [
                {
                    "id": f"c_{one[2:]}",
                    "slug": one[2:],
                    "name": one,
                    "database": one,
                    "created_at": now(),
                    **about,
                }
                for one in companies
            ],
        )


def _command(data_dir: Path) -> None:
    program = Path(sys.executable).with_name("crmtenant")
    subprocess.run(
        [program, "--config", "production.ini", "migrate", "--all"],
        cwd=ROOT,
        env={**os.environ, **environment(data_dir)},
        capture_output=True,
        check=True,
    )
