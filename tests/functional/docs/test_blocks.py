"""The blocks of commands in README and docs, run as they stand against a real installation."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs
from waitress.server import create_server

from crmtenant import make_app
from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.admin.statements import WITHHOLD_LARGE_OBJECTS
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.platform import Platform
from crmtenant.services.members import members
from crmtenant.services.tenants import companies
from tests.clock import Clock
from tests.docs_blocks import Block, block
from tests.functional.installation import Company, for_tests, settings_for, tear_down

PASSWORD = "seven green umbrellas"

Paste = Callable[[Block], str]


@pytest.fixture
def own_platform(server_address: ServerAddress, clock: Clock, tmp_path: Path) -> Iterator[Platform]:
    """An installation that only these commands work on: they are about all of its companies."""
    settings = settings_for(tmp_path / "data", catalog_database=f"crmtenant_{secrets.token_hex(4)}")
    platform = for_tests(Platform(settings, Server(server_address, lambda: None)), clock)
    yield platform
    platform.close()
    tear_down(server_address, platform)


@pytest.fixture
def paste(own_platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paste:
    """Runs a block of our commands, line by line, confirming what is asked, and returns what they print."""

    @contextmanager
    def opened(_: Context, **__: object) -> Iterator[Platform]:
        yield own_platform

    monkeypatch.setattr(Context, "platform", opened)
    monkeypatch.setattr(Context, "settings", lambda _: own_platform.settings)
    monkeypatch.chdir(tmp_path)
    variables: dict[str, str] = {}

    def run(arguments: list[str]) -> str:
        words = [re.sub(r"\$([A-Z_]+)", lambda found: variables[found[1]], word) for word in arguments]
        asks_password = words[:2] == ["company", "create"] or words[2:3] in (["add"], ["password"])
        typed = f"{PASSWORD}\n{PASSWORD}\n" if asks_password else "y\n"
        with capture_logs():
            result = CliRunner().invoke(main, words, input=typed)
        # Doctor finds what the tests of others left.
        assert result.exit_code in ({0, 3} if words[0] == "doctor" else {0}), (words, result.output)
        return result.stdout

    def paste(pasted: Block) -> str:
        told = ""
        for variable, arguments in pasted.commands():
            printed = run(arguments)
            if variable:
                variables[variable] = printed.strip()
            told += printed
        return told

    return paste


def test_a_company_lives_and_ends_as_documented(paste: Paste) -> None:
    told = paste(block("Companies", "bash"))
    assert "purged" in told


def _grant_support(platform: Platform, slug: str) -> None:
    """What an owner does in the settings."""
    with platform.databases.catalog.reading() as reader:
        company = companies.find(reader, slug)
        assert company is not None
        (owner,) = members.find_all(reader, company.id)
    grants = platform.identity.support_grants
    grants.grant(company.id, owner.id, role="viewer", reason="The import stops", hours=1)


def test_backups_and_secrets_and_doctor_do_as_documented(paste: Paste, own_platform: Platform) -> None:
    founding = 'crmtenant company create Northwind --owner "Ben Cole" --email ben@northwind.example\n'
    paste(Block("", "", "bash", founding))
    _grant_support(own_platform, "northwind")
    assert "/support#token=" in paste(block("Support access", "bash"))
    assert "northwind" in paste(block("The fleet at a glance", "bash"))
    told = paste(block("Backups", "bash"))
    assert told.count(".dump") + told.count(".json") >= 1
    paste(block("Figures and quotas", "bash"))
    assert "200 GB" in paste(block("When a disk is full", "bash"))
    paste(block("Secrets", "bash"))
    paste(block("Doctor", "bash"))
    paste(
        Block("", "", "bash", "crmtenant company delete northwind\ncrmtenant company purge northwind --now\n")
    )
    assert "The signature is valid" in paste(block("Receipts", "bash"))
    paste(block("Journal", "bash"))


def test_large_objects_are_withheld_by_the_documented_statement(north: Company) -> None:
    pasted = block("Large objects", "sql").text
    assert pasted.strip().rstrip(";") == WITHHOLD_LARGE_OBJECTS.strip()
    may = "SELECT has_function_privilege(current_user, 'lo_create(oid)', 'EXECUTE')"
    north.execute("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC")
    assert north.rows(may) == [(True,)]
    north.execute(pasted)
    assert north.rows(may) == [(False,)]


@pytest.mark.parametrize(
    "heading", ["PostgreSQL's settings that matter", "On a PostgreSQL server of your own"]
)
def test_postgresql_takes_the_sql(heading: str, server_address: ServerAddress) -> None:
    connection = server_address.admin().connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE crmtenant_admin")
            cursor.execute(block(heading, "sql").text)
    except psycopg2.errors.InsufficientPrivilege:
        pytest.skip("the administrator of this server is no superuser")
    finally:
        connection.rollback()
        connection.close()


def test_the_way_from_registration_to_the_first_task(own_platform: Platform, tmp_path: Path) -> None:
    server = create_server(make_app(own_platform), host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    text = block("From registration to the first task", "bash").text
    text = text.replace("127.0.0.1:6543", f"127.0.0.1:{server.effective_port}")
    try:
        shell = ["bash", "-e", "-o", "pipefail", "-c", text]
        done = subprocess.run(
            shell, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=False
        )
    finally:
        server.close()
    assert done.returncode == 0, done.stderr
    decoder, answers, rest = json.JSONDecoder(), [], done.stdout
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:]
    assert [answer["detail"] for answer in answers if "detail" in answer] == []
    assert answers[-1]["status"] == "done"
