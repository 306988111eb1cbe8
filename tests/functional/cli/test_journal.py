"""The operators' journal: what is in it, and who can change it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psycopg2
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.journalling import READING
from crmtenant.cli.root import Context
from crmtenant.db.admin.connection import administering
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.pool.catalog import Catalog
from crmtenant.errors import Unavailable
from crmtenant.platform import Platform
from crmtenant.services.monitoring.journal import WAITING, Journal, command_of, without_secrets
from tests.functional.cli.conftest import Run
from tests.functional.installation import Company

GIVEN = "command_id, event, at, operator, host, settings_file, command, arguments, companies"
VALUES = "'o_x', 'begun', now(), '', '', '', '', '{}', '{}'"


@pytest.fixture
def newest(run: Run) -> Any:
    """The newest entries of the journal, as many as are asked for."""

    def entries(count: int = 1, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(
            run("journal", "--limit", str(count), *arguments, "--json").stdout
        )
        return found

    return entries


@pytest.fixture(autouse=True)
def without_lines_that_wait(platform: Platform) -> Iterator[None]:
    yield
    platform.journal.take_up()


def test_a_command_is_journalled_with_its_outcome(north: Company, run: Run, newest: Any) -> None:
    run("company", "quota", north.slug, "--seats", "20")
    run("company", "quota", north.slug, "--seats", "default")
    (entry,) = newest()
    assert (entry["command"], entry["arguments"]) == ("company quota", [north.slug, "--seats", "default"])
    assert (entry["companies"], entry["exit_code"], entry["outcome"]) == ([north.id], 0, "")
    assert entry["operator"]
    assert entry["host"]
    assert entry["settings_file"] == "development.ini"
    assert entry["began_at"] <= entry["ended_at"]
    run("company", "purge", north.slug, "--yes", code=1)
    (entry,) = newest()
    assert entry["exit_code"] == 1
    assert f"{north.slug} is active" in entry["outcome"]
    run("company", "delete", north.slug, code=1)  # nobody confirms it
    assert (newest()[0]["exit_code"], newest()[0]["outcome"]) == (1, "aborted")


def test_arguments_are_kept_as_they_were_given(north: Company, run: Run, newest: Any) -> None:
    slug = north.slug
    given = {
        ("company", "quota", slug, "--bytes=5GB", "--rows", "default"): [
            slug,
            "--bytes",
            "5GB",
            "--rows",
            "default",
        ],
        ("company", "delete", slug, "--days", "007"): [slug, "--days", "007"],
        ("clone", slug, "--as", "A Copy", "--expires", "2w", "--owner", "no@example.com"): (
            [slug, "--as", "A Copy", "--expires", "2w", "--owner", "(a person)"]
        ),
        ("backup", "nobody", "--to", "/x", "--no-proof"): ["nobody", "--to", "/x", "--no-proof"],
        ("company", "quota", slug, "--bytes", "default"): [slug, "--bytes", "default"],
    }
    for words, kept in given.items():
        CliRunner().invoke(main, words)
        assert newest()[0]["arguments"] == kept


def test_what_only_reads_is_not_journalled(north: Company, run: Run, newest: Any) -> None:
    before = newest()
    run("company", "list")
    run("company", "show", north.slug)
    run("company", "quota", north.slug)
    run("company", "top")
    run("migrate", "--all", "--dry-run")
    run("backup", "list")
    run("server", "list")
    run("company", "nonsense", code=2)
    assert newest() == before


def test_only_commands_that_exist_are_called_reading() -> None:
    for name in READING:
        found: click.Command = main
        for word in name.split():
            assert isinstance(found, click.Group)
            found = found.commands[word]


def test_it_is_found_by_the_company_also_once_that_is_purged(
    platform: Platform, run: Run, newest: Any, new_company: Any
) -> None:
    company = new_company("Journalled")
    run("company", "rename", company.slug, "--slug", "journalled-anew")
    run("company", "suspend", company.id)
    run("company", "delete", "journalled-anew", "--days", "0", "--yes")
    run("company", "purge", "journalled-anew", "--yes", "--no-backup")
    commands = [entry["command"] for entry in newest(10, "--company", "journalled-anew")]
    assert commands == ["company purge", "company delete", "company suspend", "company rename"]
    assert newest(10, "--company", company.id) == newest(10, "--company", "journalled-anew")
    assert newest(10, "--company", "nobody", "--since", "1h") == []


def test_a_new_company_is_in_the_line_of_its_making(run: Run, newest: Any) -> None:
    made = run(
        *("company", "create", "Made Here", "--owner", "Cleo Secret", "--email", "cleo@made.example"),
        *("--password-stdin", "--json"),
        typed="seven green umbrellas\n",
    )
    (entry,) = newest()
    assert entry["companies"] == [json.loads(made.stdout)["id"]]
    assert entry["arguments"][:1] == ["Made Here"]
    for secret in ("Cleo", "cleo@made.example", "umbrellas"):
        assert secret not in str(entry)


def test_secrets_are_not_kept() -> None:
    words = [
        "postgresql+psycopg2://crm:p@ss/w:rd@10.0.0.12:5432/postgres",
        "postgresql://h/db?user=x&password=hidden&sslmode=require",
        "There is no user anna@north.example.",
        "no\0text\udcff",
    ]
    command = command_of("server add", words, "x.ini")
    assert command.arguments == (
        "postgresql+psycopg2://crm:***@10.0.0.12:5432/postgres",
        "postgresql://h/db?user=x&password=***&sslmode=require",
        "There is no user (address)",
        "no\\x00text\\udcff",
    )
    assert (
        without_secrets("postgresql+psycopg2://10.0.0.12:5432/x") == "postgresql+psycopg2://10.0.0.12:5432/x"
    )


def test_lines_are_neither_changed_nor_removed(
    platform: Platform, north: Company, run: Run, server_address: ServerAddress
) -> None:
    run("company", "quota", north.slug, "--seats", "default")
    attempts = [
        "UPDATE journal SET operator = 'somebody else'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        f"INSERT INTO journal (id, {GIVEN}) VALUES (1, {VALUES})",
        f"INSERT INTO journal (recorded_at, {GIVEN}) VALUES ('2020-01-01', {VALUES})",
    ]
    catalog = platform.databases.catalog.address
    for attempt in attempts:
        connection = catalog.connect()
        with connection, connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(attempt)
        connection.close()
    with administering(server_address.admin(catalog.database)) as owner:
        for attempt in attempts[:3]:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="neither changed nor removed"):
                owner.run(attempt)
        if owner.is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            owner.run("SET session_replication_role = replica")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="neither changed nor removed"):
                owner.run("DELETE FROM journal")


def test_without_the_catalog_commands_go_on_and_their_lines_wait(
    platform: Platform, north: Company, run: Run, newest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = command_of("company suspend", [north.slug], "x.ini")
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(Catalog, "begin", _away)
        patched.setattr(Catalog, "reading", _away)
        begun = platform.journal.begin(command, [north.slug])
        platform.journal.end(begun, 1, "The catalog cannot be reached.")
    assert {entry["event"] for entry in logs} == {"journal_without_companies", "journal_line_waits"}
    waiting = platform.settings.data_dir / WAITING
    assert len(list(waiting.iterdir())) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in waiting.iterdir())
    entry = next(one for one in newest(5) if one["id"] == command.command_id)
    assert (entry["exit_code"], entry["outcome"]) == (1, "The catalog cannot be reached.")
    assert list(waiting.iterdir()) == []


def _away(*_: object) -> None:
    raise Unavailable


def test_a_command_that_needs_no_catalog_is_journalled_by_the_next_that_has_one(
    platform: Platform, run: Run, newest: Any
) -> None:
    run("secrets", "rotate", "--signing")
    entries = newest(1)
    assert (entries[0]["command"], entries[0]["arguments"]) == ("secrets rotate", ["--signing"])
    assert entries[0]["exit_code"] == 0


def test_where_nothing_can_be_written_commands_go_on(tmp_path: Path) -> None:
    (tmp_path / WAITING).write_text("a file where the directory would be")
    with capture_logs() as logs:
        Journal(tmp_path).begin(command_of("catalog recover", [], "x.ini"))
    assert [entry["event"] for entry in logs] == ["not_in_the_journal"]


def test_a_line_that_cannot_be_read_is_put_aside(platform: Platform) -> None:
    waiting = platform.settings.data_dir / WAITING
    waiting.mkdir(exist_ok=True)
    (waiting / "1.json").write_text('{"half": ')
    with capture_logs() as logs:
        platform.journal.take_up()
        platform.journal.take_up()
    assert [entry["event"] for entry in logs] == ["journal_line_unreadable"]
    (waiting / "1.unreadable").unlink()


def test_a_killed_command_is_seen_as_begun(platform: Platform, north: Company, newest: Any) -> None:
    """Begun in another process, which is killed before it ends."""
    command = command_of("company export", [north.slug], "x.ini")
    code = (
        "import os, signal, sys; from pathlib import Path; from crmtenant.services.monitoring.journal import *;"
        "Journal(Path(sys.argv[1])).begin(command_of('company export', sys.argv[2:], 'x.ini'));"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(platform.settings.data_dir), north.slug],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    (entry,) = newest(1)
    assert (entry["command"], entry["arguments"]) == (command.command, [north.slug])
    assert entry["ended_at"] is entry["exit_code"] is entry["outcome"] is None


def test_the_table_says_what_did_not_end(north: Company, platform: Platform, run: Run) -> None:
    platform.journal.begin(command_of("move", [north.slug, "--to", "berlin 2"], "x.ini"), [north.slug])
    shown = run("journal", "--company", north.slug, "--limit", "1").stdout
    assert "not ended" in shown
    assert f"move {north.slug} --to 'berlin 2'" in shown
    run("journal", "--since", "last week", code=2)
    run("journal", "--since", "2026-02-31", code=2)


def test_the_platform_stays_open_until_the_command_has_ended() -> None:
    context = Context("missing.ini", debug=False)
    closed: list[bool] = []
    context._open.callback(lambda: closed.append(True))
    context.finish(None)
    assert closed == [True]
