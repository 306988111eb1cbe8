"""A PostgreSQL 16 as somebody else would run it: by TCP, with passwords, administered by no superuser.

`python tests/postgres16.py COMMAND ...` starts it, runs the command with its addresses in the environment
(CRMTENANT_TEST_DATABASE_URL and CRMTENANT_TEST_SUPERUSER_URL), stops it and leaves nothing behind. The
command's exit code is the answer.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from crmtenant.db.embedded.account import account_for
from crmtenant.db.embedded.programs import programs_for
from crmtenant.db.pool.address import ServerAddress
from tests.memory import files_in_memory

MAJOR = 16
ADMINISTRATOR, SUPERUSER = "administrator", "postgres"


@contextmanager
def running(directory: Path) -> Iterator[ServerAddress]:
    """The server, seen by its superuser, while the frame lasts."""
    account = account_for(directory / "cluster")
    home = directory / "home"
    account.make_directory(home)
    programs = programs_for(account, MAJOR, directory)
    password, port = secrets.token_hex(16), _free_port()
    account.write(home / "password", password)

    def run(program: str, *arguments: str | Path) -> None:
        account.run(programs / program, "-D", home / "cluster", *arguments).check_returncode()

    locale = ("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    run("initdb", "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", home / "password", *locale)
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    # Autovacuum drops in as often as it can: whoever drops a database has to cope with it.
    settings += " -c max_connections=600 -c autovacuum_naptime=1s"
    run("pg_ctl", "-w", "-l", home / "log", "-o", settings, "start")
    try:
        yield ServerAddress("127.0.0.1", port, SUPERUSER, password)
    finally:
        run("pg_ctl", "-w", "-m", "fast", "stop")


def add_administrator(server: ServerAddress) -> ServerAddress:
    """The same server, seen by a new role that may make databases and roles and nothing else."""
    password = secrets.token_hex(16)
    connection = server.admin().connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ADMINISTRATOR} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'")
    connection.close()
    return ServerAddress(server.host, server.port, ADMINISTRATOR, password)


def url(server: ServerAddress) -> str:
    """The address as the settings spell it."""
    who = f"{server.admin_user}:{server.admin_password}"
    return f"postgresql+psycopg2://{who}@{server.host}:{server.port}/postgres"


def main(command: list[str]) -> int:
    """The exit code of the command, which had the server while it ran."""
    signal.signal(signal.SIGTERM, _exit)
    with files_in_memory(), TemporaryDirectory(prefix="crmtenant-postgres16-") as directory:
        Path(directory).chmod(0o711)
        with running(Path(directory)) as server:
            addresses = {
                "CRMTENANT_TEST_DATABASE_URL": url(add_administrator(server)),
                "CRMTENANT_TEST_SUPERUSER_URL": url(server),
            }
            return subprocess.run(command, check=False, env={**os.environ, **addresses}).returncode


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    if not sys.argv[1:]:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1:]))
