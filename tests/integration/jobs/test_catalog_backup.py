"""The catalog's own backup, which is made more often than those of companies."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.models.catalog.tables import Invitation, Login
from crmtenant.services.backups.manifests import CATALOG
from crmtenant.services.jobs.catalog_backup import CatalogBackup
from tests.integration.installation import new_company


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def job(installation, operations):
    return CatalogBackup(installation.catalog, installation.servers, operations.backups)


def _age(installation, age):
    installation.rows("UPDATE backup SET made_at = :then RETURNING 1", then=now() - age)
    installation.rows("UPDATE tenant SET created_at = :then RETURNING 1", then=now() - 2 * age)
    for table, column in (
        ("login", "changed_at"),
        ("user_company_map", "created_at"),
        ("server", "created_at"),
    ):
        installation.rows(f"UPDATE {table} SET {column} = :then RETURNING 1", then=now() - 2 * age)


def test_it_is_saved_and_proven_every_hour(installation, operations, job):
    assert job.save_due()
    assert not job.save_due()
    _age(installation, timedelta(minutes=59))
    assert not job.save_due()
    _age(installation, timedelta(minutes=61))
    assert job.save_due()
    assert all(entry.proven_at for entry in operations.backups.entries(CATALOG))


def test_it_is_saved_when_somebody_has_joined(installation, job):
    assert job.save_due()
    installation.registrar.register(new_company())
    assert job.save_due()
    assert not job.save_due()


def test_it_is_saved_when_somebody_has_another_password_or_was_invited(installation, job):
    company = installation.registrar.register(new_company()).tenant_id
    assert job.save_due()
    with installation.catalog.begin() as session:
        person = session.scalars(select(Login)).one()
        person.password_hash = "another"
    assert job.save_due()
    assert not job.save_due()
    with installation.catalog.begin() as session:
        session.add(
            Invitation(
                id="i_1", tenant_id=company, email="ben@northwind.example", email_key="ben@northwind.example",
                role="member", token_hash=b"hash", invited_by=person.id, expires_at=now(),
            )
        )  # fmt: skip
    assert job.save_due()
    assert not job.save_due()


def test_one_process_at_a_time_saves_it(installation, job):
    with installation.servers.try_lock(advisory_locks.CATALOG_BACKUP):
        assert not job.save_due()


def test_one_that_failed_is_tried_again_later(installation, operations, job, monkeypatch):
    def fail(*_, **__):
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(type(operations.backups), "make_catalog", fail)
        assert not job.save_due()
    assert not job.save_due()
    monkeypatch.setattr(job._backoff, "allows", lambda _: True)
    assert job.save_due()
