"""What a worker does not finish because it is to end is not taken for a failure: the next one does it at once."""

from datetime import UTC, timedelta

import pytest

from crmtenant.clock import now
from crmtenant.services.jobs.nightly_backup import NightlyBackup
from tests.integration.saving import busy_company


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def company(installation):
    return busy_company(installation)[0]


def test_the_nights_backups(installation, operations, company, monkeypatch):
    installation.rows("UPDATE tenant SET created_at = now() - interval '1 day' RETURNING 1")

    def worker():
        at = now().astimezone(UTC).time()
        return NightlyBackup(installation.catalog, installation.servers, operations.backups, at)

    with monkeypatch.context() as ending:
        ending.setattr(installation.servers.interrupts, "is_set", True)
        assert worker().save_due() == 0
        assert list(operations.backups.directory.glob("*")) == []
    assert worker().save_due() == 2
    assert {entry.id for entry in operations.backups.entries() if entry.proven_at} == {company, "_catalog"}


def test_a_purge(installation, operations, company, monkeypatch):
    operations.lifecycle.delete(company, timedelta(0))
    with monkeypatch.context() as ending:
        ending.setattr(installation.servers.interrupts, "is_set", True)
        assert operations.cleanup.sweep() == []
    assert installation.rows("SELECT state FROM tenant WHERE delete_after <= now()") == [("deleting",)]
    assert operations.cleanup.sweep() == [company]
    assert installation.rows("SELECT last_backup_sha256 IS NULL FROM deletion_receipt") == [(False,)]
