"""Killed at any step of saving, restoring or purging, a company is wholly what it was or wholly what it is to be."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import text

from crmtenant.db.admin.checksums import differences
from crmtenant.errors import Conflict
from tests.integration.killing import purge_and_die, restore_and_die, save_and_die
from tests.integration.saving import address_of, assert_works, contents_of
from tests.sampling import IS_TORTURE

KILLS_BY_CHANCE = 50 if IS_TORTURE else 1

PROVISIONER = "crmtenant.db.admin.provisioning:Provisioner"
RESTORER = "crmtenant.services.backups.restoring:Restorer"

BEFORE_THE_SWAP = [
    (f"{PROVISIONER}.make_empty", "before"),
    (f"{PROVISIONER}.make_empty", "during"),
    (f"{PROVISIONER}.make_empty", "after"),
    ("crmtenant.db.admin.dumps:Dumps.fill", "during"),
    ("crmtenant.db.admin.dumps:Dumps.fill", "after"),
    (f"{RESTORER}._fill", "after"),
    (f"{RESTORER}._finish", "after"),
    (f"{PROVISIONER}.open_database", "after"),
    ("crmtenant.services.fleet.database_swap:claim_retained", "after"),
]
AFTER_THE_SWAP = [
    (f"{RESTORER}._swap", "after"),
    (f"{PROVISIONER}.close_database", "before"),
    (f"{PROVISIONER}.close_database", "during"),
    (f"{PROVISIONER}.close_database", "after"),
    ("crmtenant.services.tenants.lifecycle:Lifecycle.settle", "before"),
]


def names(steps):
    return [f"{where.rpartition(':')[2]} {moment}" for where, moment in steps]


def work_on(installation, company):
    """Change the company, so that it differs from its backup."""
    with installation.broker.begin(address_of(installation, company)) as session:
        session.execute(text("UPDATE contact SET note = 'written after the backup'"))


def put_in_order(installation, operations):
    operations.cleanup.sweep()
    installation.reconciler(patience_seconds=0).reconcile()
    installation.assert_no_orphans()


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("where", "moment"), BEFORE_THE_SWAP, ids=names(BEFORE_THE_SWAP))
def test_a_restore_killed_before_the_swap_leaves_the_company_untouched(
    installation, operations, company, where, moment
):
    path = operations.backups.make(company, by="test")
    saved = contents_of(installation, company)
    work_on(installation, company)
    live, database = contents_of(installation, company), address_of(installation, company).database
    restore_and_die(installation, path, company, where, moment)
    assert address_of(installation, company).database == database
    assert_works(installation, company, live)
    put_in_order(installation, operations)
    assert installation.databases() == {database}
    operations.restorer.into(path, company)
    assert_works(installation, company, saved)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("where", "moment"), AFTER_THE_SWAP, ids=names(AFTER_THE_SWAP))
def test_a_restore_killed_after_the_swap_is_done(installation, operations, company, where, moment):
    path = operations.backups.make(company, by="test")
    saved = contents_of(installation, company)
    work_on(installation, company)
    restore_and_die(installation, path, company, where, moment)
    assert_works(installation, company, saved)
    put_in_order(installation, operations)
    assert_works(installation, company, saved)


def test_a_restore_killed_at_any_moment_leaves_one_or_the_other(installation, operations, company, chance):
    path = operations.backups.make(company, by="test")
    saved = contents_of(installation, company)
    steps = [where for where, _ in BEFORE_THE_SWAP + AFTER_THE_SWAP]
    for _ in range(KILLS_BY_CHANCE):
        work_on(installation, company)
        live = contents_of(installation, company)
        restore_and_die(installation, path, company, chance.choice(steps), "during")
        found = contents_of(installation, company)
        assert differences(live, found) == [] or differences(saved, found) == []
        put_in_order(installation, operations)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("where", "moment"),
    [
        ("crmtenant.db.admin.dumps:Dumps.save", "during"),
        ("crmtenant.db.admin.dumps:Dumps.save", "after"),
        ("crmtenant.services.backups.saving:write_manifest", "before"),
        ("crmtenant.services.backups.saving:write_manifest", "after"),
    ],
)
def test_a_save_killed_anywhere_leaves_a_whole_backup_or_none(
    installation, operations, company, where, moment
):
    before = contents_of(installation, company)
    directory = operations.backups.directory
    save_and_die(installation, directory, company, where, moment)
    assert_works(installation, company, before)
    for path in directory.iterdir():
        os.utime(path, (0, 0))
    operations.backups.sweep()
    is_whole = where.endswith("write_manifest") and moment == "after"
    assert len(list(directory.iterdir())) == (2 if is_whole else 0)
    assert len(operations.backups.entries()) == (1 if is_whole else 0)
    for one in directory.glob("*.json"):
        operations.backups.prove(one)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("where", "moment", "is_gone"),
    [
        ("crmtenant.services.backups.saving:Backups.make", "after", False),
        ("crmtenant.services.backups.saving:Backups.prove", "after", False),
        ("crmtenant.db.admin.statements:drop", "during", False),
        ("crmtenant.services.tenants.lifecycle:Lifecycle._move", "after", True),
        ("crmtenant.services.tenants.lifecycle:_delete_rows", "before", True),
        ("crmtenant.services.tenants.lifecycle:_delete_rows", "after", True),
    ],
)
def test_a_purge_killed_anywhere_is_finished_or_has_not_begun(
    installation, operations, company, where, moment, is_gone
):
    operations.lifecycle.delete(company, timedelta(0))
    before = contents_of(installation, company)
    purge_and_die(installation, operations.backups.directory, company, where, moment)
    if is_gone:
        with pytest.raises(Conflict):
            operations.lifecycle.undelete(company)
    else:
        assert differences(before, contents_of(installation, company)) == []
    operations.cleanup.sweep()
    installation.reconciler(patience_seconds=0).reconcile()
    installation.assert_no_orphans()
    ((slug, sha256),) = installation.rows("SELECT slug, last_backup_sha256 FROM deletion_receipt")
    assert slug == "northwind"
    assert sha256 in {
        one.dump_sha256 for one in map(operations.backups.read, operations.backups.directory.glob("*.json"))
    }
