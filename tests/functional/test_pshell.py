"""Pyramid's scripts as operators run them, beside a serving process and alone."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.platform import Platform
from crmtenant.settings import Settings
from tests.forks import forked
from tests.functional.installation import INI, Company, settings_for, tear_down

ROOT = INI.parent


def fresh_script(name: str, *arguments: str, typed: str = "", **environ: str) -> str:
    """What one of Pyramid's scripts prints that an operator runs; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", f"pyramid.scripts.{name}", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environ},
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def script(name: str, *arguments: str, typed: str = "", code: int = 0, **environ: str) -> str:
    """The same of a process that need not import everything first."""
    with tempfile.TemporaryDirectory() as directory:
        running = forked(_run, Path(directory), name, arguments, typed, environ)
        running.join(100)
        said = (Path(directory) / "said").read_text()
    assert running.exitcode == code, said
    return said


def _run(directory: Path, name: str, arguments: tuple[str, ...], typed: str, environ: dict[str, str]) -> None:
    """The script, its three streams in files, as `python -m` would run it."""
    (directory / "typed").write_text(typed)
    with (directory / "typed").open() as stdin, (directory / "said").open("w") as said:
        for number, stream in enumerate((stdin, said, said)):
            os.dup2(stream.fileno(), number)
    os.environ.update(environ)
    os.chdir(ROOT)
    sys.stdin, sys.argv = os.fdopen(0), [name, *arguments]
    try:
        sys.exit(importlib.import_module(f"pyramid.scripts.{name}").main(sys.argv) or 0)
    except Exception:
        traceback.print_exc(file=said)
        raise
    finally:
        sys.stdout.flush()


@pytest.fixture(scope="module")
def ini(
    tmp_path_factory: pytest.TempPathFactory, server_address: ServerAddress, north_for_all: Company
) -> str:
    """An ini file of the installation this process serves."""
    return _ini_of(tmp_path_factory.mktemp("ini"), server_address, north_for_all.platform.settings)


def _ini_of(directory: Path, server_address: ServerAddress, settings: Settings) -> str:
    password = f":{quote(server_address.admin_password, safe='')}" if server_address.admin_password else ""
    where = f"{quote(server_address.host, safe='')}:{server_address.port}"
    own = {
        "database_url": f"postgresql+psycopg2://{server_address.admin_user}{password}@{where}/postgres",
        "catalog_database": settings.catalog_database,
        "data_dir": str(settings.data_dir),
        "signing_secret": settings.signing_secret,
        "role_secret": settings.role_secret,
    }
    lines = []
    for line in INI.read_text(encoding="utf-8").splitlines():
        key = line.partition(" = ")[0].removeprefix("crmtenant.")
        lines.append(f"crmtenant.{key} = {own[key].replace('%', '%%')}" if key in own else line)
    file = directory / "shell.ini"
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


@pytest.fixture
def shell(ini: str, north: Company) -> Shell:
    """A shell beside North, which has one contact."""
    north.client().create("/api/contacts", name="Ada Lovelace")
    return Shell(ini, north)


class Shell:
    """pshell beside the serving process."""

    def __init__(self, ini: str, company: Company) -> None:
        self._ini = ini
        self._company = company

    def typed(self, *lines: str, is_writable: bool = False) -> str:
        """What comes back when North is opened and these lines are typed."""
        opening = f"north = company({self._company.slug!r}, write={is_writable})"
        return script(
            "pshell", self._ini, typed="\n".join(["from sqlalchemy import text", opening, *lines, ""])
        )

    def names(self) -> list[str]:
        """The contacts there are, as the database says."""
        return [name for (name,) in self._company.rows("SELECT name FROM contact")]


def test_the_banner_says_what_to_do(shell: Shell, north: Company) -> None:
    said = shell.typed()
    assert "Companies, newest first:" in said
    assert north.slug in said
    assert "company(" in said


def test_rows_are_read_by_session_and_by_reader(shell: Shell) -> None:
    said = shell.typed(
        "from sqlalchemy import select",
        "north",
        "north.session.scalars(select(Contact.name)).all()",
        "north.read.rows(select(Contact.name, Contact.kind))",
        "north.tenant['contacts']['1'].id",
    )
    assert "read-only>" in said
    assert "['Ada Lovelace']" in said
    assert "[('Ada Lovelace', 'person')]" in said
    assert said.count(">>> 1") == 1


def test_postgresql_refuses_what_would_write(shell: Shell) -> None:
    said = shell.typed(
        "_ = north.session.execute(text('DELETE FROM contact'))",
        "north.rollback()",
        "_ = north.session.execute(text('SET TRANSACTION READ WRITE'))",
        "north.rollback()",
        "north.session.query(Contact).first().name = 'Grace'; north.session.flush()",
        "north.rollback()",
    )
    assert "cannot execute DELETE in a read-only transaction" in said
    assert "transaction read-write mode must be set before any query" in said
    assert "cannot execute UPDATE in a read-only transaction" in said
    assert shell.names() == ["Ada Lovelace"]


def test_what_is_committed_stays_and_the_rest_is_gone(shell: Shell) -> None:
    shell.typed(
        "north.session.query(Contact).first().name = 'Grace Hopper'",
        "north.commit()",
        "north.session.query(Contact).first().name = 'Nobody'; north.session.flush()",
        is_writable=True,
    )
    assert shell.names() == ["Grace Hopper"]


def test_a_shell_writes_to_one_company_that_there_is(shell: Shell, south_for_all: Company) -> None:
    said = shell.typed(
        f"company({south_for_all.slug!r})",
        f"company({south_for_all.slug!r}, write=True)",
        "company('nowhere')",
        is_writable=True,
    )
    assert f"({south_for_all.slug}), read-only>" in said
    assert "one shell writes to one company" in said
    assert "There is no company called 'nowhere'." in said


def test_a_catalog_that_is_being_recovered_is_opened_by_nobody_else(
    server_address: ServerAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path / "data", catalog_database=f"crmtenant_{token_hex(4)}")
    with closing(Platform(settings, Server(server_address, lambda: None))) as platform:
        platform.operations.servers.home.setup.fence_catalog()
    file = _ini_of(tmp_path, server_address, settings)
    said = script("pshell", file, typed="company\n", code=1)
    assert "The catalog is being recovered, and nobody is served meanwhile" in said
    assert ">>>" not in said
    monkeypatch.setattr(Context, "settings", lambda _: settings)
    monkeypatch.setattr(Platform, "open", lambda given: Platform(given, Server(server_address, lambda: None)))
    for words in (["company", "list"], ["doctor", "--fix"], ["backup", "--all"], ["worker"]):
        with capture_logs():
            result = CliRunner().invoke(main, words)
        assert (result.exit_code, "crmtenant catalog recover" in result.output) == (1, True), result.output
    tear_down(server_address, platform)


def test_pviews_shows_the_views_of_an_address_without_a_database(tmp_path: Path) -> None:
    said = script("pviews", str(INI), "/api/contacts/1", CRMTENANT_DATA=str(tmp_path / "data"))
    assert "ContactResource" in said
    assert "crmtenant.api.crm.contacts.ContactViews.read" in said
    assert "required permission = contact:write" in said
    assert not (tmp_path / "data").exists()


def test_pviews_finds_nothing_where_nothing_is(tmp_path: Path) -> None:
    said = script("pviews", str(INI), "/api/contacts/abc/x", CRMTENANT_DATA=str(tmp_path / "data"))
    assert "Not found." in said


@pytest.fixture
def data_directory() -> Iterator[Path]:
    """One that PostgreSQL's own user can enter."""
    with tempfile.TemporaryDirectory(prefix="crmtenant-tests-") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory) / "data"


@pytest.mark.slow
def test_a_shell_of_its_own_leaves_nothing_running(data_directory: Path) -> None:
    said = fresh_script("pshell", str(INI), typed="company\n", CRMTENANT_DATA=str(data_directory))
    assert "There is no company yet." in said
    assert (data_directory / "postgres" / "PG_VERSION").exists()
    assert not (data_directory / "postgres" / "postmaster.pid").exists()
