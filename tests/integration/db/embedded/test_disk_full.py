"""The embedded server on a disk that somebody fills to the last byte: without ballast it does not come up again."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from crmtenant.db.embedded import postmaster
from crmtenant.db.embedded.disk import Disk
from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.errors import OperatorError
from tests.integration.db.embedded.servers import postmaster_pid, scalar

MEGABYTE = 1 << 20
DISK_BYTES = 256 * MEGABYTE
RESERVE_BYTES = 64 * MEGABYTE


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own."""
    path = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0755", "tmpfs", path], check=False
    )
    if mounted.returncode:
        path.rmdir()
        pytest.skip("a file system can be mounted by root only, and not everywhere")
    yield path
    subprocess.run(["umount", path], check=True)
    path.rmdir()


def _fill(directory: Path) -> Path:
    """Write until nothing more can be written."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (MEGABYTE, 4096):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


def _kill(directory: Path) -> None:
    os.kill(postmaster_pid(directory), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while postmaster.is_running(directory / "postgres"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _revive(server: EmbeddedServer) -> bool:
    """Processes of the killed server may hold its shared memory a moment longer."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return server.revive()
        except OperatorError:
            if time.monotonic() > deadline:
                raise


def test_a_server_killed_on_a_full_disk_is_started_again_and_can_be_read(small_disk: Path) -> None:
    server = EmbeddedServer(small_disk / "data", reserve_bytes=RESERVE_BYTES)
    address = server.start()
    try:
        scalar(address, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        assert not server.revive()
        ballast = small_disk / "data" / "ballast"
        assert ballast.stat().st_size == RESERVE_BYTES // 2
        filler = _fill(small_disk)
        assert server.free_bytes() == 0
        _kill(small_disk / "data")
        assert _revive(server)
        assert not ballast.exists()
        assert scalar(address, "SELECT count(*) FROM kept") == 1000
        filler.unlink()
        assert not server.revive()
        assert ballast.exists()
    finally:
        server.stop()


def test_ballast_is_taken_only_where_there_is_plenty_of_room(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    disk, ballast = Disk(cluster, 4 * MEGABYTE), tmp_path / "ballast"
    free = disk.free_bytes()
    Disk(cluster, free).take_ballast()
    Disk(cluster, 0).take_ballast()
    assert not ballast.exists()
    disk.take_ballast()
    assert ballast.stat().st_size == 2 * MEGABYTE
    disk.make_room()
    assert ballast.exists()
