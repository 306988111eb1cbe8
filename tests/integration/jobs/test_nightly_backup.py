"""The backups that a worker makes every night, and proves."""

from datetime import UTC, datetime, time, timedelta

import pytest

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.services.jobs.backoff import Backoff
from crmtenant.services.jobs.nightly_backup import NightlyBackup, last_scheduled
from tests.integration.installation import new_company


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def nightly(installation, operations):
    return NightlyBackup(installation.catalog, installation.servers, operations.backups, time(2, 30))


def _registered_days_ago(installation, name):
    made = installation.registrar.register(new_company(name))
    installation.rows(
        "UPDATE tenant SET created_at = :then WHERE id = :id RETURNING 1",
        then=now() - timedelta(days=3),
        id=made.tenant_id,
    )
    return made


def test_the_appointed_hour_is_todays_or_yesterdays():
    at, day = time(2, 30), datetime(2026, 11, 26, tzinfo=UTC)
    assert last_scheduled(at, day.replace(hour=2, minute=30)) == day.replace(hour=2, minute=30)
    assert last_scheduled(at, day.replace(hour=2, minute=29)) == day.replace(day=25, hour=2, minute=30)


def test_every_company_is_saved_once_a_night_with_the_catalog_and_proven(installation, nightly):
    for name in ("North", "South"):
        _registered_days_ago(installation, name)
    installation.registrar.register(new_company("Newborn"))
    assert nightly.save_due() == 3
    assert nightly.save_due() == 0
    saved = installation.rows("SELECT slug, proven_at IS NOT NULL, problem FROM backup ORDER BY slug")
    assert saved == [("_catalog", True, None), ("north", True, None), ("south", True, None)]
    installation.rows("UPDATE backup SET made_at = made_at - interval '1 day' RETURNING 1")
    assert nightly.save_due() == 3


def test_one_that_cannot_be_saved_stops_no_other_and_is_tried_again_later(
    installation, operations, nightly, monkeypatch
):
    for name in ("North", "South"):
        _registered_days_ago(installation, name)
    real = operations.restorer.prove

    def prove(path, _trust):
        if "north" in path.name:
            raise OperatorError("no room")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(operations.restorer, "prove", prove)
        assert nightly.save_due() == 2
        assert nightly.save_due() == 0
    nightly._backoff = Backoff(timedelta(0))
    assert nightly.save_due() == 1
    assert nightly.save_due() == 0


def test_only_one_process_saves(installation, nightly):
    _registered_days_ago(installation, "North")
    with installation.servers.try_lock(advisory_locks.NIGHTLY_BACKUP):
        assert nightly.save_due() == 0
