"""The embedded server killed or left by its owner, and who restarts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from crmtenant.db.embedded import postmaster
from crmtenant.errors import OperatorError
from tests.integration.db.embedded.servers import MakeServer, scalar

OWNER = (
    "import sys, time, pathlib; from crmtenant.db.embedded.server import EmbeddedServer;"
    "EmbeddedServer(pathlib.Path(sys.argv[1]), fsync=False).start();"
    "print('started', flush=True); time.sleep(60)"
)


def _is_running(directory: Path) -> bool:
    return postmaster.is_running(directory / "postgres")


def _kill(directory: Path) -> None:
    pid = int((directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _is_running(directory):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_server_is_started_again_with_its_data(directory: Path, make_server: MakeServer) -> None:
    server = make_server(fsync=True)
    address = server.start()
    scalar(address, "CREATE TABLE kept AS SELECT 42 AS answer")
    _kill(directory)
    assert server.revive()
    assert scalar(address, "SELECT answer FROM kept") == 42
    server.stop()
    assert not _is_running(directory)


def test_a_running_server_is_left_alone(make_server: MakeServer) -> None:
    server = make_server()
    address = server.start()
    started = scalar(address, "SELECT pg_postmaster_start_time()")
    assert not server.revive()
    assert scalar(address, "SELECT pg_postmaster_start_time()") == started


def test_a_guest_takes_over_when_the_owner_stops(directory: Path, make_server: MakeServer) -> None:
    owner, guest = make_server(), make_server()
    address = owner.start()
    guest.start()
    owner.stop()
    with pytest.raises(psycopg2.OperationalError):
        address.admin().connect()
    assert guest.revive()
    assert scalar(address, "SELECT 1") == 1
    assert make_server().start() == address
    guest.stop()
    assert not _is_running(directory)


def test_a_guest_leaves_a_killed_server_to_its_living_owner(directory: Path, make_server: MakeServer) -> None:
    owner, guest = make_server(), make_server()
    address = owner.start()
    guest.start()
    _kill(directory)
    assert not guest.revive()
    assert not _is_running(directory)
    assert owner.revive()
    assert scalar(address, "SELECT 1") == 1


def test_a_former_owner_leaves_the_server_to_the_guest_who_took_over(
    directory: Path, make_server: MakeServer
) -> None:
    owner, guest = make_server(), make_server()
    owner.start()
    guest.start()
    owner.stop()
    assert guest.revive()
    owner.stop()
    assert _is_running(directory)


def test_a_guest_adopts_the_server_of_an_owner_that_was_killed(
    directory: Path, make_server: MakeServer
) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(directory)], stdout=subprocess.PIPE)
    with owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"started\n"
        guest = make_server()
        guest.start()
        owner.kill()
    assert not guest.revive()
    guest.stop()
    assert not _is_running(directory)


def test_nothing_starts_before_the_start_or_after_the_stop(directory: Path, make_server: MakeServer) -> None:
    server = make_server()
    assert not server.revive()
    server.start()
    server.stop()
    assert not server.revive()
    assert not _is_running(directory)


def test_a_server_that_does_not_come_up_is_tried_again(directory: Path, make_server: MakeServer) -> None:
    server = make_server()
    address = server.start()
    _kill(directory)
    configuration = directory / "postgres" / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "no_such_setting = 1\n")
    with pytest.raises(OperatorError, match="PostgreSQL could not be started"):
        server.revive()
    configuration.write_text(sound)
    assert server.revive()
    assert scalar(address, "SELECT 1") == 1


def test_a_vanished_cluster_is_not_made_anew(directory: Path, make_server: MakeServer) -> None:
    server = make_server()
    server.start()
    _kill(directory)
    (directory / "postgres").rename(directory / "elsewhere")
    with pytest.raises(OperatorError, match=r"cannot be (used|written)"):
        server.revive()
    assert not (directory / "postgres").exists()
