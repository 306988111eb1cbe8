"""Bringing one company's database to this code's schema revision, wholly or not at all.

Alembic writes the revisions; here they are rendered to SQL once and replayed for each company in one guarded
transaction, which is several times faster than a run of Alembic for each and may go on in threads. Revisions
that need Python to move data say so by `needs_python = True`; they run through Alembic, in processes.
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
from crmtenant.db.schema.migrations import head, migration_config, one_at_a_time, upgrade
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.errors import OperatorError

LOCK_TIMEOUT_SECONDS = 10
STATEMENT_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Change:
    """What brings a database from one revision to this code's. `script` is None where Python is needed."""

    start: str
    end: str
    script: str | None


class SchemaChanges:
    """Changes the schema of companies' databases on one server, as its administering role."""

    def __init__(self, server: ServerAddress, names: RoleNames) -> None:
        self._server = server
        self._names = names

    def apply(self, database: str, start: str, processes: Processes | None = None) -> str:
        """The revision the database is at now: this code's. `processes` are those that Alembic runs in, for who
        changes several at once.

        `start` is the one the catalog has for it. A database that is already there is left as it is: whoever
        changed it was killed before saying so. Raises `OperatorError` for one at any other revision, and
        whatever PostgreSQL refuses; the database then is as it was.
        """
        change = change_from(start, self._names.owner, self._names.rw)
        address = self._server.admin(database)
        connecting = closing(address.connect(application_name="crmtenant migration"))
        with connecting as connection, connection, connection.cursor() as cursor:
            cursor.execute(_limits())
            # Refuses us while somebody else is at it, and whoever comes while we are.
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
        """The schema revision the database itself says it is at."""
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
    """Whether this code knows the revision, and so the way from it to its own."""
    return revision in _known()


@functools.cache
def _known() -> frozenset[str]:
    with one_at_a_time:
        scripts = ScriptDirectory.from_config(migration_config("tenant"))
        return frozenset(script.revision for script in scripts.walk_revisions())


@functools.cache
def change_from(start: str, owner: str, writer: str) -> Change:
    """The change from a revision this code knows to its own. `OperatorError` for one it does not know."""
    if not is_known(start):
        raise OperatorError(f"is at schema revision {start}, which this release does not know")
    end = head("tenant")
    with one_at_a_time:
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


def _limits() -> sql.Composable:
    return sql.SQL("SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}").format(
        sql.Literal(f"{LOCK_TIMEOUT_SECONDS}s"), sql.Literal(f"{STATEMENT_TIMEOUT_SECONDS}s")
    )
