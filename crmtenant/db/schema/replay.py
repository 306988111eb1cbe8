"""Migrates companies' databases to this release's schema revision, wholly or not at all.

Alembic's revisions are rendered to SQL once and replayed for each company in one guarded transaction, which is
several times faster than running Alembic for each company, and can be done in threads. Revisions that need Python to
move data declare `needs_python = True`; they run through Alembic, in processes (ADR 11).
"""

from __future__ import annotations

import functools
import io
from contextlib import closing
from dataclasses import dataclass

from alembic import command
from alembic.script import ScriptDirectory
from psycopg2 import sql

from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.schema.alembic_processes import Processes
from crmtenant.db.schema.migrations import alembic_lock, head, migration_config, upgrade
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.errors import OperatorError

LOCK_TIMEOUT_SECONDS = 10
STATEMENT_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Change:
    """The migration from one revision to this release's. `script` is SQL, or None where Python is needed."""

    start: str
    end: str
    script: str | None


class SchemaChanges:
    """Migrates companies' databases on one server, as its administering role."""

    def __init__(self, server: ServerAddress, names: RoleNames) -> None:
        self._server = server
        self._names = names

    def apply(self, database: str, start: str, processes: Processes | None = None) -> str:
        """Migrate the database and return its revision, which is this release's.

        `start` is its revision by the catalog. A database that is already migrated is left as it is: that process
        was killed before it updated the catalog. `processes` run Alembic where several databases are migrated at
        the same time. Raises `OperatorError` for a database at any other revision, and PostgreSQL's errors; the
        database is then unchanged.
        """
        change = change_from(start, self._names.owner, self._names.rw)
        address = self._server.admin(database)
        connecting = closing(address.connect(application_name="crmtenant migration"))
        with connecting as connection, connection, connection.cursor() as cursor:
            cursor.execute(_set_timeouts())
            # Fails while another process migrates the database, and makes others fail until this is done.
            cursor.execute("SELECT version_num FROM alembic_version FOR UPDATE NOWAIT")
            found = [revision for (revision,) in cursor.fetchall()]
            if found == [change.end]:
                return change.end
            if found != [start]:
                raise OperatorError(
                    f"is at schema revision {', '.join(found) or 'none'}, where the catalog says {start}"
                )
            if change.script is not None:
                cursor.execute(change.script)
                return change.end
        return self._by_alembic(address, processes)

    def revision_of(self, database: str) -> str:
        """Return the schema revision of the database itself."""
        with closing(self._server.admin(database).connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT version_num FROM alembic_version")
            (revision,) = cursor.fetchone()
            return str(revision)

    def _by_alembic(self, address: DatabaseAddress, processes: Processes | None) -> str:
        run = functools.partial(
            upgrade,
            address,
            "tenant",
            owner=self._names.owner,
            writer=self._names.rw,
            lock_timeout_seconds=LOCK_TIMEOUT_SECONDS,
        )
        if processes is None:
            run()
        else:
            processes.run(run)
        return head("tenant")


def is_known(revision: str) -> bool:
    """Return whether this release knows the revision and so can migrate from it."""
    return revision in _known()


@functools.cache
def _known() -> frozenset[str]:
    with alembic_lock:
        scripts = ScriptDirectory.from_config(migration_config("tenant"))
        return frozenset(script.revision for script in scripts.walk_revisions())


@functools.cache
def change_from(start: str, owner: str, writer: str) -> Change:
    """Return the migration from this revision. Raises `OperatorError` for one that this release does not know."""
    if not is_known(start):
        raise OperatorError(f"is at schema revision {start}, which this release does not know")
    end = head("tenant")
    with alembic_lock:
        config = migration_config("tenant")
        scripts = ScriptDirectory.from_config(config)
        steps = [script.module for script in scripts.iterate_revisions(end, start)]
        if any(getattr(step, "needs_python", False) for step in steps):
            return Change(start, end, None)
        buffer = io.StringIO()
        config.output_buffer = buffer
        config.attributes.update(owner=owner, writer=writer, is_rendered=True)
        command.upgrade(config, f"{start}:{end}", sql=True)
    return Change(start, end, buffer.getvalue())


def _set_timeouts() -> sql.Composable:
    return sql.SQL("SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}").format(
        sql.Literal(f"{LOCK_TIMEOUT_SECONDS}s"), sql.Literal(f"{STATEMENT_TIMEOUT_SECONDS}s")
    )
