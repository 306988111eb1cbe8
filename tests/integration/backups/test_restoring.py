"""A backup is a company at one moment and restores to exactly that."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from crmtenant.clock import now
from crmtenant.db.schema.migrations import head
from crmtenant.errors import OperatorError
from crmtenant.services.backups.manifests import read_manifest
from tests.dropping import ANYTHING
from tests.integration.backups.changes import destroy, set_back
from tests.integration.fleet.first_schema import OLD
from tests.integration.fleet.test_migration import old_company, shape
from tests.integration.installation import SEAL, new_company
from tests.integration.saving import address_of, assert_works, contents_of


def test_a_restored_company_is_what_was_saved_in_every_respect(installation, operations, company, saved):
    before = contents_of(installation, company)
    fresh = installation.registrar.register(new_company("Fresh"))
    old = address_of(installation, company).database
    destroy(installation, company)
    operations.restorer.into(saved, company)
    assert_works(installation, company, before)
    database = address_of(installation, company).database
    assert database != old
    assert shape(installation, database) == shape(
        installation, address_of(installation, fresh.tenant_id).database
    )
    assert withheld(installation, database) == withheld(
        installation, address_of(installation, fresh.tenant_id).database
    )
    assert installation.rows("SELECT database, purpose FROM set_aside") == [(old, "retired")]
    installation.assert_no_orphans()


def withheld(installation, database):
    """Who may make large objects, and who may connect."""
    return installation.admin(
        "SELECT (SELECT array_agg(proname ORDER BY oid) FROM pg_proc WHERE proname LIKE 'lo%%' "
        "AND has_function_privilege(%s, oid, 'EXECUTE')), "
        "(SELECT replace(datacl::text, datname, 'own') FROM pg_database WHERE datname = current_database())",
        database,
        database=database,
    )


def test_a_company_whose_database_was_lost_comes_back(installation, operations, company, saved):
    before = contents_of(installation, company)
    database = address_of(installation, company).database
    installation.provisioner.drop_database(database, ANYTHING)
    operations.restorer.into(saved, company)
    assert_works(installation, company, before)
    set_back(installation, "set_aside", "drop_after")
    assert operations.cleanup.sweep() == [database]
    installation.assert_no_orphans()


def test_a_restore_can_be_undone_for_a_day_and_so_can_that(installation, operations, company, saved):
    before = contents_of(installation, company)
    destroy(installation, company)
    worked_on = contents_of(installation, company)
    with pytest.raises(OperatorError, match="was not restored"):
        operations.restorer.undo(company)
    operations.restorer.into(saved, company)
    operations.restorer.undo(company)
    assert_works(installation, company, worked_on)
    operations.restorer.undo(company)
    assert_works(installation, company, before)
    installation.assert_no_orphans()


@pytest.fixture
def old(installation):
    """The id of a company whose database is at an old revision."""
    slug, _ = old_company(installation, "Old")
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant WHERE slug = :slug", slug=slug)
    with installation.broker.begin(address_of(installation, tenant_id)) as session:
        session.execute(
            text(
                "INSERT INTO company (id, name, founder_id, founder_name, founder_email, created_at)"
                " VALUES (:id, 'Old', 'u', 'Anna', 'a@b.example', now())"
            ),
            {"id": tenant_id},
        )
    return tenant_id


def test_undoing_meets_a_newer_release(installation, operations, old):
    saved = operations.backups.make(old, by="test")
    operations.backups.prove(saved)
    operations.restorer.into(saved, old)
    ((database,),) = installation.rows("SELECT database FROM set_aside")
    operations.restorer.undo(old)
    assert installation.rows("SELECT schema_revision, database FROM tenant") == [(head("tenant"), database)]
    assert installation.admin("SELECT count(*) FROM task_left_column", database=database) == [(0,)]


def test_an_older_backup_is_migrated_on_arrival(installation, operations, old):
    saved = operations.backups.make(old, by="test")
    assert read_manifest(saved, SEAL).schema_revision == OLD
    operations.backups.prove(saved)
    operations.restorer.into(saved, old)
    assert installation.rows("SELECT schema_revision FROM tenant") == [(head("tenant"),)]
    fresh = installation.registrar.register(new_company("Fresh"))
    assert shape(installation, address_of(installation, old).database) == shape(
        installation, address_of(installation, fresh.tenant_id).database
    )
    assert_works(installation, old, contents_of(installation, old))


def test_a_deleted_company_is_not_restored_into(installation, operations, company, saved):
    operations.lifecycle.delete(company)
    with pytest.raises(OperatorError, match="deleted in the meantime"):
        operations.restorer.into(saved, company)
    assert installation.rows("SELECT 1 FROM set_aside") == []


def test_a_copy_is_a_company_of_its_own_with_the_same_people(installation, operations, company):
    with operations.backups.temporary(company, by="test") as path:
        copy = operations.restorer.as_new(path, "Northwind", expires_at=now() + timedelta(days=14))
    assert copy.slug == "northwind-2"
    saved = contents_of(installation, copy.tenant_id)
    assert {name: count for name, (count, _) in saved.tables.items()} == {
        name: count for name, (count, _) in contents_of(installation, company).tables.items()
    }
    people = "SELECT login_id, role, state FROM user_company_map WHERE tenant_id = :id"
    assert installation.rows(people, id=copy.tenant_id) == installation.rows(people, id=company)
    destroy(installation, company)
    assert_works(installation, copy.tenant_id, saved)
    assert list(operations.backups.directory.iterdir()) == []
    assert operations.backups.entries() == []


def test_a_purged_company_comes_back_from_its_last_backup_for_a_new_owner(installation, operations, company):
    before = contents_of(installation, company)
    operations.lifecycle.delete(company, timedelta(0))
    receipt = operations.lifecycle.purge(company, by="test")
    path = Path(receipt.last_backup_file)
    assert receipt.last_backup_sha256 == read_manifest(path, SEAL).dump_sha256
    assert hashlib.sha256(path.with_suffix(".dump").read_bytes()).hexdigest() == receipt.last_backup_sha256
    with pytest.raises(OperatorError, match="name one with --owner"):
        operations.restorer.as_new(path, "Northwind")
    installation.assert_no_orphans()
    other = installation.registrar.register(new_company("Other"))
    copy = operations.restorer.as_new(path, "Northwind", owner=other.user_id)
    found = contents_of(installation, copy.tenant_id)
    changed = {name for name in before.tables if before.tables[name] != found.tables[name]}
    assert changed == {"company"}
