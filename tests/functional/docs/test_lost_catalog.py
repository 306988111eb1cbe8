"""Everything is lost but the backups, and the documented lines bring it back."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.embedded.programs import client_program
from crmtenant.db.pool.address import ServerAddress
from crmtenant.platform import Platform
from tests.clock import Clock
from tests.docs_blocks import Block, block
from tests.functional.installation import for_tests, settings_for, tear_down

FOUNDING = """\
crmtenant company create Northwind --owner "Dora Lind" --email dora@northwind.example
crmtenant backup --all
"""
PASSWORD = "seven green umbrellas"


class Installation:
    """An installation that the commands open anew each time, and the shell lines of an operator."""

    def __init__(self, server: ServerAddress, directory: Path, clock: Clock) -> None:
        self._server, self._clock = server, clock
        catalog = f"crmtenant_{secrets.token_hex(4)}"
        self.settings = settings_for(directory, catalog_database=catalog)

    @contextmanager
    def opened(self, *_: object, **__: object) -> Iterator[Platform]:
        with closing(Platform(self.settings, Server(self._server, lambda: None))) as platform:
            yield for_tests(platform, self._clock)

    def lose(self) -> None:
        with self.opened() as platform:
            pass
        tear_down(self._server, platform)

    def paste(self, pasted: Block) -> str:
        """Run the lines in the directory of the backups, and return what our commands print."""
        told = ""
        for line in pasted.text.splitlines():
            if line.startswith("crmtenant "):
                told += self._command(
                    self._shell(f"printf '%s\\n' {line.partition('#')[0]}").splitlines()[1:]
                )
            elif line.startswith("runuser "):
                self._shell(self._translated(line))
        return told

    def _command(self, words: list[str]) -> str:
        typed = f"{PASSWORD}\n{PASSWORD}\n" if words[:2] == ["company", "create"] else "y\n"
        with capture_logs():
            result = CliRunner().invoke(main, words, input=typed)
        assert result.exit_code == 0, (words, result.output)
        return result.stdout

    def _translated(self, line: str) -> str:
        """The line with this installation's names, and programs that are there."""
        line = line.replace("runuser -u postgres -- ", "").replace(
            "crmtenant", self.settings.catalog_database
        )
        return f"{client_program(line.split()[0], self._major())} {line.partition(' ')[2]}"

    def _major(self) -> int:
        connection = self._server.admin().connect()
        try:
            return int(connection.server_version) // 10_000
        finally:
            connection.close()

    def _shell(self, text: str) -> str:
        server = self._server
        environ = {"PGHOST": server.host, "PGPORT": str(server.port), "PGUSER": server.admin_user or ""}
        environ |= {"PGPASSWORD": server.admin_password or "", "PGDATABASE": "postgres"}
        done = subprocess.run(
            ["bash", "-ec", text], cwd=self.settings.backup_dir, env={**os.environ, **environ},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (text, done.stderr)
        return done.stdout


@pytest.fixture
def installation(
    server_address: ServerAddress, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    made = Installation(server_address, tmp_path, clock)
    monkeypatch.setattr(Context, "platform", made.opened)
    made.settings.backup_dir.mkdir(parents=True)
    monkeypatch.chdir(made.settings.backup_dir)
    yield made
    made.lose()


@pytest.mark.slow
def test_a_lost_installation_comes_back_as_documented(installation: Installation) -> None:
    installation.paste(Block("", "", "bash", FOUNDING))
    installation.lose()
    told = installation.paste(block("When the catalog is lost", "bash"))
    assert "northwind" in told
    shown = installation.paste(Block("", "", "bash", "crmtenant company show northwind\n"))
    assert "active" in shown
