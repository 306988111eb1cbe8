"""A release whose newest revision needs Python to move data: run in processes, several companies at once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import pytest

import crmtenant
from crmtenant.db.schema.migrations import head
from tests.integration.installation import new_company

TASK = """
    INSERT INTO task (title, status, position, priority, assignee_ids, labels, title_key, search,
                      created_at, updated_at, created_by, updated_by, version)
    VALUES ('Count the words', 'open', 1, 0, '{{}}', '{{}}', 'x', '', now(), now(), 'u', 'u', 1)
"""
NEXT = "9999"
REVISION = f'''
"""The words of every task's title, counted."""

import os
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{head("tenant")}"
branch_labels = None
depends_on = None
needs_python = True


def upgrade() -> None:
    op.add_column("task", sa.Column("words", sa.Integer))
    connection = op.get_bind()
    diary = Path(os.environ["DIARY"])
    mine = connection.scalar(sa.text("SELECT current_database()"))
    (diary / f"{{os.getpid()}} {{mine}}").touch()
    wanted, begun = set(os.environ["TOGETHER"].split()), set()
    deadline = time.monotonic() + 60
    while mine in wanted and not wanted <= begun:
        assert time.monotonic() < deadline, "alone"
        time.sleep(0.02)
        begun = {{path.name.partition(" ")[2] for path in diary.iterdir()}}
    for row in connection.execute(sa.text("SELECT id, title FROM task")).all():
        words = {{"words": len(row.title.split()), "id": row.id}}
        connection.execute(sa.text("UPDATE task SET words = :words WHERE id = :id"), words)
'''
MIGRATE = """
import json, sys
from crmtenant.db.pool.address import ServerAddress
from tests.integration.installation import Installation
server, catalog = json.loads(sys.argv[1])
fleet = Installation(ServerAddress(*server), catalog).fleet()
report = fleet.migrate(fleet.behind(), jobs=2, tolerate=9)
print(json.dumps({result.company.slug: [result.revision, result.problem] for result in report.results}))
"""
ROOT = Path(crmtenant.__file__).parents[1]


class NextRelease:
    """A copy of this release with one more revision, migrating the companies of an installation."""

    def __init__(self, installation, directory):
        self._installation = installation
        self._diary = directory / "diary"
        self._diary.mkdir()
        self._release = directory / "release"
        copy = self._release / "crmtenant"
        shutil.copytree(ROOT / "crmtenant", copy, ignore=shutil.ignore_patterns("page", "__pycache__"))
        (copy / "migrations/tenant/versions/9999_words.py").write_text(REVISION)

    @contextmanager
    def migrating(self, together=()):
        """A process that migrates them, killed at the end if it still does. Who are `together`, by the names of their
        databases, wait for each other in the middle of it."""
        path = os.pathsep.join([str(self._release), str(ROOT)])
        where = [astuple(self._installation.server), self._installation.names.catalog]
        process = subprocess.Popen(
            [sys.executable, "-c", MIGRATE, json.dumps(where)],
            env={**os.environ, "PYTHONPATH": path, "DIARY": str(self._diary), "TOGETHER": " ".join(together)},
            cwd=self._release,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def migrate(self, together=()):
        """What it says became of each company."""
        with self.migrating(together) as process:
            return outcome(process)

    def processes(self):
        """Those in which companies were migrated."""
        return {int(path.name.partition(" ")[0]) for path in self._diary.iterdir()}


def outcome(process):
    """What the process that has ended says became of each company."""
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    # The log goes to the same place.
    return json.loads(out.splitlines()[-1])


@pytest.fixture
def following(installation, tmp_path):
    return NextRelease(installation, tmp_path)


@pytest.fixture
def companies(installation):
    """The databases of some companies with a task, by slug."""
    made = {}
    for name in ("North", "East", "South", "West"):
        tenant_id = installation.registrar.register(new_company(name)).tenant_id
        ((slug, database),) = installation.rows(
            "SELECT slug, database FROM tenant WHERE id = :id", id=tenant_id
        )
        installation.do(TASK, database=database)
        made[slug] = database
    return made


def _words(installation, database):
    return installation.admin("SELECT words FROM task", database=database)


def test_each_company_is_migrated_in_a_process_several_at_once(installation, following, companies):
    installation.do("ALTER TABLE task ADD COLUMN words text", database=companies["east"])
    report = following.migrate(together=(companies["south"], companies["west"]))
    assert {slug: revision for slug, (revision, _) in report.items()} == {
        "north": NEXT, "east": head("tenant"), "south": NEXT, "west": NEXT,
    }  # fmt: skip
    assert "already exists" in report["east"][1]
    for slug in ("north", "south", "west"):
        assert _words(installation, companies[slug]) == [(3,)]
    assert _words(installation, companies["east"]) == [(None,)]
    assert dict(installation.rows("SELECT slug, schema_revision FROM tenant"))["north"] == NEXT
    assert installation.rows("SELECT 1 FROM tenant WHERE migrating_until IS NOT NULL") == []
    assert not any(_is_running(process) for process in following.processes())


def test_who_is_killed_takes_the_processes_along_and_the_next_run_goes_on(installation, following, companies):
    with following.migrating(together=(*companies.values(), "nobody")):
        _wait_until(following.processes)
    _wait_until(lambda: not any(_is_running(process) for process in following.processes()))
    for database in companies.values():
        assert installation.admin("SELECT version_num FROM alembic_version", database=database) == [
            (head("tenant"),)
        ]
    assert {revision for revision, _ in following.migrate().values()} == {NEXT}


def test_a_process_that_dies_leaves_its_company_as_it_was(installation, following, companies):
    with following.migrating(together=(*companies.values(), "nobody")) as process:
        _wait_until(following.processes)
        for worker in following.processes():
            os.kill(worker, signal.SIGKILL)
        report = outcome(process)
    assert {tuple(result) for result in report.values()} == {
        (head("tenant"), "The process that migrated it died.")
    }


def _is_running(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_until(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
