"""What a start meets: stale files, an unfinished or foreign cluster, broken settings, long paths."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.errors import OperatorError
from tests.integration.db.embedded.servers import (
    MakeServer,
    scalar,
)


@pytest.mark.parametrize("kind", ["empty", "of nobody", "of this process", "of the first process"])
def test_a_stale_pid_file_does_not_stop_a_start(directory: Path, make_server: MakeServer, kind: str) -> None:
    server = make_server()
    server.start()
    pid_file = directory / "postgres" / "postmaster.pid"
    _, _, rest = pid_file.read_text().partition("\n")
    server.stop()
    pid = {"empty": "", "of nobody": "999999999", "of this process": str(os.getpid())}.get(kind, "1")
    pid_file.write_text(f"{pid}\n{rest}" if pid else "")
    shutil.chown(pid_file, (directory / "postgres").stat().st_uid)
    assert scalar(server.start(), "SELECT 1") == 1


def test_a_start_killed_while_making_the_cluster_begins_again(
    directory: Path, make_server: MakeServer
) -> None:
    (directory / "postgres.new").mkdir()
    (directory / "postgres.new" / "PG_VERSION").write_text("18\n")
    assert scalar(make_server().start(), "SELECT 1") == 1
    assert not (directory / "postgres.new").exists()


def test_a_cluster_of_another_version_is_refused_in_one_sentence(
    directory: Path, make_server: MakeServer
) -> None:
    server = make_server()
    server.start()
    server.stop()
    (directory / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(OperatorError, match=r"written by PostgreSQL 15, and this program runs PostgreSQL 18"):
        server.start()


def test_a_broken_configuration_is_told_with_the_servers_last_line(
    directory: Path, make_server: MakeServer
) -> None:
    server = make_server()
    server.start()
    server.stop()
    with (directory / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(OperatorError, match=r"PostgreSQL could not be started: .*configuration file"):
        server.start()


def test_a_start_that_takes_too_long_is_told_in_one_sentence(
    directory: Path, make_server: MakeServer
) -> None:
    with pytest.raises(OperatorError, match=r"did not respond within 0 seconds.* Its last message: "):
        make_server(start_timeout_seconds=0).start()


def test_a_data_directory_that_cannot_be_made_is_told_in_one_sentence(directory: Path) -> None:
    (directory / "file").write_text("")
    with pytest.raises(OperatorError, match=r"data directory cannot be used: .*Not a directory"):
        EmbeddedServer(directory / "file" / "data").start()


def test_a_long_path_puts_the_socket_where_its_name_fits(directory: Path) -> None:
    server = EmbeddedServer(directory / ("long" * 25), fsync=False)
    address = server.start()
    try:
        assert scalar(address, "SELECT 1") == 1
        assert stat.S_IMODE(Path(address.host).stat().st_mode) == 0o700
    finally:
        server.stop()
    assert not Path(address.host).exists()


def test_a_socket_directory_of_somebody_else_is_refused(directory: Path, make_server: MakeServer) -> None:
    (directory / "socket").symlink_to("/tmp")
    with pytest.raises(OperatorError, match="already exists and belongs to somebody else"):
        make_server().start()
