"""Dumps and restores companies' databases with PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

from crmtenant.db.admin.checksums import TEXT_FORM, Contents, differences, lagging_sequences, read_contents
from crmtenant.db.admin.interrupts import Interrupts
from crmtenant.db.embedded.programs import client_program
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.errors import OperatorError

_VERSIONS = 10_000
# A long dump must not hit the limits of requests, nor wait for ever for a lock.
_TIMEOUTS = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=30s"
_LOCK_WAIT_MS = "30000"


class Dumps:
    """Dumps and restores databases of one installation on one server, as its administering role."""

    def __init__(self, server: ServerAddress, names: RoleNames, interrupts: Interrupts) -> None:
        self._server = server
        self._names = names
        self._interrupts = interrupts

    def save(self, database: str, file: BinaryIO) -> Contents:
        """Write a consistent dump in pg_dump's custom format to the file, and return its contents.

        Users of the database are not disturbed; only changes of its schema wait.
        """
        address = self._server.admin(database)
        with self._snapshot(address) as (connection, cursor):
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            contents = read_contents(cursor)
            # The privileges of large objects are set again by a restore; the rest of pg_catalog is PostgreSQL's.
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
        """Restore the file into the empty database, wholly or not at all.

        Everything is created as the owner role, so that a file's contents have no more rights than it has.
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
        """Return a short description of each difference between the saved contents and the database."""
        with self._snapshot(self._server.admin(database)) as (_, cursor):
            lagging = [f"sequence {name} lags behind" for name in lagging_sequences(cursor)]
            return differences(saved, read_contents(cursor)) + lagging

    def contents(self, database: str) -> Contents:
        """Return the contents of the database."""
        with self._snapshot(self._server.admin(database)) as (_, cursor):
            return read_contents(cursor)

    @contextmanager
    def _snapshot(self, address: DatabaseAddress) -> Iterator[tuple[Any, Any]]:
        """Yield a connection and a cursor in a read-only transaction with a snapshot of the database."""
        connecting = address.connect(application_name="crmtenant backup", options=f"{TEXT_FORM} {_TIMEOUTS}")
        with closing(connecting) as connection, connection.cursor() as cursor:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            with self._interrupts.breaking_off(connection.cancel):
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
        with (
            subprocess.Popen(
                [str(program), *arguments],
                env={**os.environ, **_environment(address)},
                stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            ) as process,
            self._interrupts.breaking_off(process.terminate),
        ):
            _, errors = process.communicate()
        self._interrupts.check()
        if process.returncode:
            stderr = errors.decode(errors="replace").strip().splitlines()
            raise OperatorError(f"{name} failed: {stderr[0] if stderr else process.returncode}")


def _environment(address: DatabaseAddress) -> dict[str, str]:
    """Return the address as libpq's variables: any user can read the arguments of a process."""
    given = {
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.database,
        "PGAPPNAME": "crmtenant backup",
        "LC_ALL": "C",
    }
    return given | ({"PGPASSWORD": address.password} if address.password else {})
