"""Making and proving backups of companies in any state, and of the catalog."""

import hashlib
import os
import stat
from datetime import timedelta

import pytest

from crmtenant.errors import OperatorError
from crmtenant.services.backups.manifests import CATALOG, read_manifest
from crmtenant.services.backups.saving import THE_CATALOG
from crmtenant.services.monitoring.metrics import read_metrics
from crmtenant.services.monitoring.overview import overview
from tests.integration.installation import SEAL, new_company
from tests.integration.saving import address_of, assert_works, contents_of

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
HOUR_SECONDS = 3600
COMPANIES = 50 if IS_TORTURE else 4


def test_a_backup_is_proven_in_its_own_place_and_the_catalog_remembers(
    installation, operations, company, saved
):
    ((made, proven, problem),) = installation.rows("SELECT made_at, proven_at, problem FROM backup")
    assert (proven, problem) == (None, None)
    before = contents_of(installation, company)
    operations.backups.prove(saved)
    ((proven, problem),) = installation.rows("SELECT proven_at, problem FROM backup")
    assert proven > made
    assert problem is None
    assert contents_of(installation, company) == before
    installation.assert_no_orphans()


def test_the_catalog_is_saved_and_proven_like_a_company_but_never_becomes_one(
    installation, operations, company
):
    (outcome,) = operations.backups.save_all([THE_CATALOG], by="test")
    assert outcome.problem is None
    (listed,) = operations.backups.entries(CATALOG)
    assert listed.proven_at is not None
    manifest = read_manifest(outcome.file, SEAL)
    assert manifest.tables["tenant"][0] == manifest.tables["login"][0] == 1
    for restore in (
        lambda: operations.restorer.into(outcome.file, company),
        lambda: operations.restorer.as_new(outcome.file, "Catalog"),
    ):
        with pytest.raises(OperatorError, match="backup of the catalog"):
            restore()
    installation.assert_no_orphans()


def test_the_files_are_nobody_elses_to_read_and_nothing_is_left_beside_them(saved):
    names = sorted(path.name for path in saved.parent.iterdir())
    assert names == [f"{saved.stem}.dump", f"{saved.stem}.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in saved.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700
    assert hashlib.sha256(saved.with_suffix(".dump").read_bytes()).hexdigest() in saved.read_text()


def test_a_backup_that_could_not_be_finished_leaves_no_file(installation, operations, company, monkeypatch):
    installation.do(
        "ALTER TABLE alembic_version RENAME TO elsewhere", database=address_of(installation, company).database
    )
    (outcome,) = operations.backups.save_all(operations.backups.companies(), by="test")
    assert "alembic_version" in outcome.problem
    assert list(operations.backups.directory.iterdir()) == []
    assert operations.backups.entries() == []


def test_a_failed_proof_is_remembered_and_does_not_count(installation, operations, company, saved):
    saved.with_suffix(".dump").write_bytes(b"")
    with pytest.raises(OperatorError):
        operations.backups.prove(saved)
    ((proven, problem),) = installation.rows("SELECT proven_at, problem FROM backup")
    assert proven is None
    assert "not as long" in problem


def test_a_backup_that_was_proven_and_can_no_longer_be_restored_counts_nowhere(
    installation, operations, company, saved
):
    operations.backups.prove(saved)

    def counted():
        (found,) = overview(installation.catalog, operations.servers)
        age = {name: value for name, _, value in read_metrics(installation.catalog)}["oldest_backup_seconds"]
        return found.proven_at is not None, age < HOUR_SECONDS

    installation.rows("UPDATE tenant SET created_at = created_at - interval '2 hours' RETURNING 1")
    assert counted() == (True, True)
    installation.rows("UPDATE backup SET problem = 'Its SHA-256 differs.' RETURNING 1")
    assert counted() == (False, False)


def test_one_broken_company_stops_no_other(installation, operations):
    companies = [installation.registrar.register(new_company(f"Company {n}")) for n in range(COMPANIES)]
    broken = companies[2]
    installation.do(
        "DROP TABLE alembic_version", database=address_of(installation, broken.tenant_id).database
    )
    outcomes = list(operations.backups.save_all(operations.backups.companies(), by="test"))
    assert [outcome.company.slug for outcome in outcomes if outcome.problem] == [broken.slug]
    assert {one.slug for one in operations.backups.entries() if one.proven_at} == {
        one.slug for one in companies if one is not broken
    }


def test_suspended_and_deleted_companies_are_saved_without_letting_anybody_in(
    installation, operations, company
):
    before = contents_of(installation, company)
    for step in ("suspend", "delete"):
        getattr(operations.lifecycle, step)(company)
        (outcome,) = operations.backups.save_all(operations.backups.companies(), by="test")
        assert outcome.problem is None
        assert address_of(installation, company).database not in installation.provisioner.inventory().open
    operations.lifecycle.undelete(company)
    operations.lifecycle.suspend(company)
    operations.restorer.into(outcome.file, company)
    assert address_of(installation, company).database not in installation.provisioner.inventory().open
    operations.lifecycle.resume(company)
    assert_works(installation, company, before)


def test_a_company_that_cannot_be_saved_is_not_purged(installation, operations, company):
    installation.do("DROP TABLE alembic_version", database=address_of(installation, company).database)
    operations.lifecycle.delete(company, timedelta(0))
    with pytest.raises(Exception, match="alembic_version"):
        operations.lifecycle.purge(company, by="test")
    assert operations.cleanup.sweep() == []
    assert installation.rows("SELECT state, delete_after > now() FROM tenant") == [("deleting", True)]
    operations.lifecycle.purge(company, by="test", is_due_only=False, is_saved=False)
    installation.assert_no_orphans()
