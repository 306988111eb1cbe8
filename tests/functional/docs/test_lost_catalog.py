"""Everything is lost but the backups, and the documented lines bring it back."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.embedded.programs import client_program
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import Unauthenticated
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Mail, Membership
from crmtenant.platform import Platform
from crmtenant.platform.recovery import recovery_of
from crmtenant.services.identity.authentication import Client
from crmtenant.services.jobs.catalog_recovery import CatalogRecovery
from crmtenant.services.jobs.essentials_copies import EssentialsCopies
from tests.clock import Clock
from tests.docs_blocks import Block, block
from tests.functional.installation import for_tests, settings_for, tear_down
from tests.integration.two_servers import running_server

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

    @contextmanager
    def recovering(self, *_: object) -> Iterator[CatalogRecovery]:
        with recovery_of(self.settings, Server(self._server, lambda: None)) as recovery:
            yield recovery

    def lose_catalog(self) -> None:
        self._shell(
            f"{client_program('psql', self._major())} -qc 'DROP DATABASE {self.settings.catalog_database} (FORCE)'"
        )

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
        return told

    def _command(self, words: list[str]) -> str:
        typed = f"{PASSWORD}\n{PASSWORD}\n" if words[:2] == ["company", "create"] else "y\ny\n"
        with capture_logs():
            result = CliRunner().invoke(main, words, input=typed)
        assert result.exit_code == 0, (words, result.output)
        return result.stdout

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
    monkeypatch.setattr(Context, "recovery", made.recovering)
    made.settings.backup_dir.mkdir(parents=True)
    monkeypatch.chdir(made.settings.backup_dir)
    yield made
    made.lose()


@pytest.mark.slow
def test_a_lost_installation_comes_back_as_documented(installation: Installation) -> None:
    installation.paste(Block("", "", "bash", FOUNDING))
    installation.lose()
    told = installation.paste(block("When the catalog is lost", "bash"))
    assert "northwind  missing: crmtenant restore" in told
    assert "northwind  restored: " in told
    shown = installation.paste(Block("", "", "bash", "crmtenant company show northwind\n"))
    assert "active" in shown


LATER = "".join(
    f"crmtenant company create Later{number} --owner Dora --email dora{number}@northwind.example\n"
    for number in range(3)
)


def _join(platform: Platform, slug: str, email: str) -> None:
    """Somebody becomes a member of the company, with a password of their own."""
    company = platform.tenants.companies.get(slug)
    with platform.databases.catalog.begin() as session:
        user = Login(
            id=new_id("u"), email=email, email_key=email, name="Ben",
            password_hash=platform.identity.passwords.hash(PASSWORD),
        )  # fmt: skip
        session.add(user)
        session.flush()
        session.add(Membership(user_id=user.id, tenant_id=company.id, role="member"))


def _enters(platform: Platform, email: str, slug: str) -> str:
    """The role in which this person signs in to this company."""
    return platform.identity.sign_ins.sign_in(email, PASSWORD, slug, Client("127.0.0.1")).company.role


def _reset(platform: Platform, email: str) -> None:
    """Take the way of somebody who forgot their password."""
    client = Client("127.0.0.1")
    platform.identity.password_resets.request(email, client)
    platform.identity.reset_mailer.answer()
    with platform.databases.catalog.reading() as reader:
        *_, (text,) = reader.rows(select(Mail.text).where(Mail.recipient == email).order_by(Mail.id))
    token = text.partition("#token=")[2].split()[0]
    platform.identity.password_resets.redeem(token, PASSWORD, client)


def _assert_everybody_can_enter(platform: Platform) -> None:
    assert _enters(platform, "dora@northwind.example", "northwind") == "owner"
    for email, slug, role in (
        ("ben@northwind.example", "northwind", "member"),
        ("dora0@northwind.example", "later0", "owner"),
        ("eve@northwind.example", "later0", "member"),
    ):
        with pytest.raises(Unauthenticated):
            _enters(platform, email, slug)
        _reset(platform, email)
        assert _enters(platform, email, slug) == role


@pytest.mark.slow
def test_companies_founded_since_the_catalog_was_saved_come_back_as_documented(
    installation: Installation,
) -> None:
    with running_server() as embedded:
        second = embedded.start()
        url = (
            f"postgresql+psycopg2://{second.admin_user}@{quote(second.host, safe='')}:{second.port}/postgres"
        )
        installation.paste(Block("", "", "bash", f"crmtenant server add second {url}\n" + FOUNDING + LATER))
        with installation.opened() as platform:
            _join(platform, "northwind", "ben@northwind.example")
            _join(platform, "later0", "eve@northwind.example")
            EssentialsCopies(platform.databases.catalog, platform.operations.servers).write_changed()
        installation.lose_catalog()
        told = installation.paste(block("When the catalog is lost", "bash"))
        assert [
            f"later{number}  found again: founded by dora{number}@northwind.example" in told
            for number in range(3)
        ] == [True] * 3
        listed = installation.paste(Block("", "", "bash", "crmtenant company list --json\n"))
        assert {one["slug"]: one["state"] for one in json.loads(listed)} == dict.fromkeys(
            ["northwind", "later0", "later1", "later2"], "active"
        )
        with installation.opened() as platform:
            _assert_everybody_can_enter(platform)
        for address in ("dora0@northwind.example", "ben@northwind.example", "eve@northwind.example"):
            assert f"\n  {address}\n" in told
        assert "\n  dora@northwind.example\n" not in told
        installation.lose()
