"""Saving a company's database to a file, and filling an empty database from one, by PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

from crmtenant.db.admin.checksums import TEXT_FORM, Contents, differences, lagging_sequences, read_contents
from crmtenant.db.embedded.programs import client_program
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.errors import OperatorError

_VERSIONS = 10_000
# A long save must not die of limits made for requests, nor wait for ever for somebody else's lock.
_PATIENCE = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=30s"
_LOCK_WAIT_MS = "30000"


class Dumps:
    """Saves and fills databases of one installation on one server, as its administering role."""

    def __init__(self, server: ServerAddress, names: RoleNames) -> None:
        self._server = server
        self._names = names

    def save(self, database: str, file: BinaryIO) -> Contents:
        """What the file, in pg_dump's custom format, now holds: the database as it was at one moment.

        Whoever works in the database meanwhile is not disturbed; only who would change its schema waits.
        """
        address = self._server.admin(database)
        with self._looking(address) as (connection, cursor):
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            contents = read_contents(cursor)
            # What large objects may not be is set anew where a database is restored; the rest is PostgreSQL's.
            self._run(
                address,
                connection.server_version,
                "pg_dump",
                *("--format=custom", f"--snapshot={snapshot}", "--exclude-schema=pg_catalog"),
                *("--no-password", f"--lock-wait-timeout={_LOCK_WAIT_MS}"),
                stdout=file,
            )
        return contents

    def fill(self, database: str, file: BinaryIO) -> None:
        """Nothing comes back; the empty database holds what the file does, or nothing still.

        Everything becomes the owner role's, and is made as that role: what is in a file has no more rights.
        """
        address = self._server.admin(database)
        with closing(address.connect()) as connection:
            version = connection.server_version
        self._run(
            address,
            version,
            "pg_restore",
            *("--single-transaction", "--exit-on-error", "--no-password"),
            *("--no-owner", f"--role={self._names.owner}", f"--dbname={database}"),
            stdin=file,
        )

    def compare(self, database: str, saved: Contents) -> list[str]:
        """In what the database is not what was saved, a few words each; nothing if it is the same."""
        with self._looking(self._server.admin(database)) as (_, cursor):
            lagging = [f"sequence {name} lags behind" for name in lagging_sequences(cursor)]
            return differences(saved, read_contents(cursor)) + lagging

    def look(self, database: str) -> Contents:
        """What the database holds now."""
        with self._looking(self._server.admin(database)) as (_, cursor):
            return read_contents(cursor)

    @contextmanager
    def _looking(self, address: DatabaseAddress) -> Iterator[tuple[Any, Any]]:
        """A connection and a cursor in a transaction that sees the database as it is now, to its end."""
        connecting = address.connect(application_name="crmtenant backup", options=f"{TEXT_FORM} {_PATIENCE}")
        with closing(connecting) as connection, connection.cursor() as cursor:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            yield connection, cursor
            connection.rollback()

    def _run(
        self,
        address: DatabaseAddress,
        server_version: int,
        name: str,
        *arguments: str,
        stdin: BinaryIO | None = None,
        stdout: BinaryIO | None = None,
    ) -> None:
        program = client_program(name, server_version // _VERSIONS)
        answer = subprocess.run(
            [str(program), *arguments],
            env={**os.environ, **_environment(address)},
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if answer.returncode:
            said = answer.stderr.decode(errors="replace").strip().splitlines()
            raise OperatorError(f"{name} failed: {said[0] if said else answer.returncode}")


def _environment(address: DatabaseAddress) -> dict[str, str]:
    """The address as libpq's variables: a password among the arguments would be everybody's to read."""
    given = {
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.database,
        "PGAPPNAME": "crmtenant backup",
        "LC_ALL": "C",
    }
    return given | ({"PGPASSWORD": address.password} if address.password else {})
