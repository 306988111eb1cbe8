"""What `crmtenant migrate back` shows, asks and does."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.schema.migrations import head
from tests.integration.fleet.test_going_back import (
    company,
    copies,
    database_of,
    migrate,
    operations,
    work_on,
)
from tests.integration.fleet.test_migration import OLD

__all__ = ["company", "copies", "operations"]


@pytest.fixture
def run(installation, operations, monkeypatch):
    platform = SimpleNamespace(
        databases=SimpleNamespace(catalog=installation.catalog),
        operations=operations,
        settings=SimpleNamespace(migration_copies="canaries"),
    )

    class Opened:
        def __enter__(self):
            return platform

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(Context, "platform", lambda _: Opened())

    def run(*arguments, typed=None, code=0):
        with capture_logs():
            result = CliRunner().invoke(main, arguments, input=typed)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.mark.usefixtures("copies")
def test_who_went_back_is_migrated_again_only_when_named(installation, operations, company, run):
    tenant_id, _ = company
    migrate(operations)
    run("migrate", "back", "--company", "northwind", "--yes")
    fleet = operations.fleet_migration
    assert fleet.behind() == []
    fleet.catch_up(tenant_id)
    told = run("migrate", "--all")
    assert (
        f"northwind went back to {OLD} and stays there: crmtenant migrate --company northwind" in told.stderr
    )
    assert installation.rows("SELECT schema_revision FROM tenant") == [(OLD,)]
    run("migrate", "--company", "northwind")
    assert installation.rows("SELECT schema_revision, went_back_at FROM tenant") == [(head("tenant"), None)]
    assert fleet.gone_back() == []


@pytest.mark.usefixtures("copies")
def test_the_command_shows_what_was_written_and_asks(installation, run, company):
    tenant_id, database = company
    assert "takes up to" in run("migrate", "--company", "northwind", "--keep-copy").stderr
    work_on(installation, database)
    shown = run("migrate", "back", "--company", "northwind", typed="n\n", code=1)
    assert "task   1      1        1" in shown.output
    assert "from schema revision" in shown.output
    assert database_of(installation, tenant_id) == database
    tried = json.loads(run("migrate", "back", "--company", "northwind", "--dry-run", "--json").stdout)
    assert (tried["written"], tried["is_done"]) == (
        [{"table": "task", "added": 1, "changed": 1, "deleted": 1}],
        False,
    )
    done = run("migrate", "back", "--company", "northwind", "--yes")
    assert f"northwind is at schema revision {OLD} again. This release does not serve it" in done.stdout
    again = run("migrate", "back", "--company", "northwind", "--yes")
    assert f"northwind went back already. northwind is at schema revision {OLD} again" in again.stdout
    assert installation.rows("SELECT schema_revision, epoch FROM tenant") == [(OLD, 2)]
    run("migrate", "--all", "--no-keep-copy")
    assert installation.rows("SELECT purpose FROM set_aside") == [("retired",)]
    run("migrate", "--all", "back", "--company", "northwind", code=2)
