"""Starting, stopping and sharing the embedded server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

from tests.integration.db.embedded.servers import (
    MakeServer,
    postmaster_pid,
    processes_of,
    scalar,
)


def test_a_server_starts_stops_and_leaves_only_its_data(directory: Path, make_server: MakeServer) -> None:
    server = make_server()
    address = server.start()
    assert scalar(address, "SELECT 1") == 1
    server.stop()
    server.stop()
    assert not processes_of(directory)
    assert not Path(address.host).exists()
    assert not (directory / "postgres" / "postmaster.pid").exists()


def test_data_is_kept_over_a_restart(make_server: MakeServer) -> None:
    server = make_server()
    scalar(server.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert scalar(server.start(), "SELECT answer FROM kept") == 42


def test_a_server_that_was_started_with_more_connections_has_them(make_server: MakeServer) -> None:
    assert scalar(make_server(max_connections=60).start(), "SHOW max_connections") == "60"


def test_a_second_start_attaches_and_its_stop_leaves_the_server_alone(make_server: MakeServer) -> None:
    owner, guest = make_server(), make_server()
    address = owner.start()
    assert guest.start() == address
    guest.stop()
    assert scalar(address, "SELECT 1") == 1


def test_a_second_process_attaches_too(directory: Path, make_server: MakeServer) -> None:
    address = make_server().start()
    pid = postmaster_pid(directory)
    guest = (
        "import sys, pathlib; from crmtenant.db.embedded.server import EmbeddedServer;"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1])); print(server.start().host); server.stop()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", guest, str(directory)], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == address.host
    assert postmaster_pid(directory) == pid
    assert scalar(address, "SELECT 1") == 1


def test_the_server_of_a_killed_owner_is_taken_over_and_stopped(
    directory: Path, make_server: MakeServer
) -> None:
    owner = (
        "import os, sys, signal, pathlib; from crmtenant.db.embedded.server import EmbeddedServer;"
        "EmbeddedServer(pathlib.Path(sys.argv[1]), fsync=False).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", owner, str(directory)], check=False)
    assert killed.returncode == -signal.SIGKILL
    pid = postmaster_pid(directory)
    heir = make_server()
    address = heir.start()
    assert postmaster_pid(directory) == pid
    assert scalar(address, "SELECT 1") == 1
    heir.stop()
    assert not processes_of(directory)


def test_a_start_after_the_postmaster_was_killed_just_works(directory: Path, make_server: MakeServer) -> None:
    server = make_server(fsync=True)
    address = server.start()
    scalar(address, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster_pid(directory), signal.SIGKILL)
    assert scalar(server.start(), "SELECT answer FROM kept") == 42


def test_a_start_waits_for_busy_processes_of_a_killed_postmaster(
    directory: Path, make_server: MakeServer
) -> None:
    server = make_server()
    connection = server.start().admin().connect(async_=True)
    _wait(connection)
    connection.cursor().execute("DO $$ BEGIN WHILE clock_timestamp() < now() + '2s' LOOP END LOOP; END $$")
    time.sleep(0.2)
    os.kill(postmaster_pid(directory), signal.SIGKILL)
    assert scalar(server.start(), "SELECT 1") == 1
    connection.close()


def _wait(connection: psycopg2.extensions.connection) -> None:
    while connection.poll() != psycopg2.extensions.POLL_OK:
        time.sleep(0.01)
