"""A backup is a company at one moment, restores to exactly that, and is refused if a single byte is wrong."""

import hashlib
import os
import random
import stat
import time
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from crmtenant.db.schema.migrations import head
from crmtenant.errors import OperatorError
from crmtenant.models.base import now
from crmtenant.services.backups.manifests import CATALOG, BackupManifest, read_manifest, write_manifest
from crmtenant.services.backups.saving import THE_CATALOG
from tests.integration.fleet.test_migration import OLD, old_company, shape
from tests.integration.installation import new_company
from tests.integration.saving import Writers, address_of, assert_works, busy_company, contents_of

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
BACKUPS_UNDER_LOAD = 20 if IS_TORTURE else 2
CORRUPTIONS = 200 if IS_TORTURE else 40
COMPANIES = 50 if IS_TORTURE else 4


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def company(installation):
    tenant_id, _ = busy_company(installation)
    return tenant_id


@pytest.fixture
def saved(operations, company):
    return operations.backups.make(company, by="test")


def refused(operations, path, company, match):
    """Whether the backup is refused before any database is made for it."""
    before = operations.restorer._servers.home.provisioner.inventory()
    with pytest.raises(OperatorError, match=match):
        operations.restorer.into(path, company)
    return operations.restorer._servers.home.provisioner.inventory() == before


def rewritten(path, **changes):
    """A backup with the same dump and a whole manifest that says something else."""
    manifest = BackupManifest(**{**read_manifest(path).model_dump(), **changes})
    path.unlink()
    return write_manifest(path.with_suffix(""), manifest)


def destroy(installation, company):
    with installation.broker.begin(address_of(installation, company)) as session:
        session.execute(text("DELETE FROM task"))
        session.execute(text("UPDATE contact SET name = 'spoilt'"))


def test_backups_made_while_people_write_restore_equal(installation, operations, company):
    copies = []
    began_at = time.monotonic()
    with Writers(address_of(installation, company)) as writers:
        for _ in range(BACKUPS_UNDER_LOAD):
            path = operations.backups.make(company, by="test")
            copies.append(operations.restorer.as_new(path, "Copy"))
        rate = writers.written / (time.monotonic() - began_at)
    assert writers.failures == []
    assert rate > 100
    for path, copy in zip(reversed(operations.backups.entries()), copies, strict=True):
        manifest = read_manifest(Path(path.manifest_file))
        found = contents_of(installation, copy.tenant_id)
        # A copy says whose it is; all else is what was saved.
        is_same = {name: facts == found.tables[name] for name, facts in manifest.tables.items()}
        assert [name for name, same in is_same.items() if not same] == ["company"]
        assert found.access == manifest.access
        assert_works(installation, copy.tenant_id, found)
        with installation.broker.begin(address_of(installation, copy.tenant_id)) as session:
            written = session.scalar(text("SELECT count(*) FROM task WHERE created_by LIKE 'w_'"))
            assert written == manifest.tables["answer"][0] > 0
            for table in ("contact", "project", "task"):
                assert session.scalar(text(f"SELECT nextval('{table}_id_seq') > max(id) FROM {table}"))


def test_saving_copying_and_restoring_lose_nothing_that_is_written_meanwhile(
    installation, operations, company
):
    """Neither does the company whose copy is made or restored to, over and over, beside it."""
    with operations.backups.temporary(company, by="test") as path:
        trial = operations.restorer.as_new(path, "Trial").tenant_id
    saved = operations.backups.make(trial, by="test")
    before = contents_of(installation, trial)
    with Writers(address_of(installation, company)) as writers:
        for _ in range(BACKUPS_UNDER_LOAD):
            operations.restorer.into(saved, trial)
            with operations.backups.temporary(company, by="test") as path:
                operations.restorer.as_new(path, "Copy")
    assert writers.failures == []
    with installation.broker.begin(address_of(installation, company)) as session:
        for table, whose in (("answer", "user_id"), ("task", "created_by")):
            found = session.scalar(text(f"SELECT count(*) FROM {table} WHERE {whose} LIKE 'w_'"))
            assert found == writers.transactions
    assert_works(installation, trial, before)


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


def test_a_company_whose_database_was_lost_comes_back(installation, operations, company, saved):
    before = contents_of(installation, company)
    database = address_of(installation, company).database
    installation.provisioner.drop_database(database)
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


def test_undoing_meets_a_newer_release(installation, operations, company, saved):
    operations.restorer.into(saved, company)
    ((old,),) = installation.rows("SELECT database FROM set_aside")
    installation.do("DROP TABLE saved_view", database=old)
    installation.do("UPDATE alembic_version SET version_num = '0003'", database=old)
    operations.restorer.undo(company)
    assert installation.rows("SELECT schema_revision, database FROM tenant") == [(head("tenant"), old)]
    assert installation.admin("SELECT count(*) FROM saved_view", database=old) == [(0,)]


def withheld(installation, database):
    """Who may make large objects, and who may connect."""
    return installation.admin(
        "SELECT (SELECT array_agg(proname ORDER BY oid) FROM pg_proc WHERE proname LIKE 'lo%%' "
        "AND has_function_privilege(%s, oid, 'EXECUTE')), "
        "(SELECT replace(datacl::text, datname, 'own') FROM pg_database WHERE datname = current_database())",
        database,
        database=database,
    )


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
    manifest = read_manifest(outcome.file)
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


@pytest.mark.parametrize("ending", [".dump", ".json"])
def test_no_byte_can_be_changed_unnoticed(operations, company, saved, ending):
    path = saved.with_suffix(ending)
    whole = path.read_bytes()
    chance = random.Random(7)
    for _ in range(CORRUPTIONS // 2):
        place = chance.randrange(len(whole))
        changed = bytes([whole[place] ^ (1 << chance.randrange(8))])
        path.write_bytes(whole[:place] + changed + whole[place + 1 :])
        with pytest.raises(OperatorError):
            operations.restorer.into(saved, company)
    path.write_bytes(whole)
    operations.backups.prove(saved)


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
@pytest.mark.parametrize("ending", [".dump", ".json"])
def test_files_that_were_cut_off_are_refused(operations, company, saved, ending, keep):
    path = saved.with_suffix(ending)
    path.write_bytes(path.read_bytes()[:keep])
    assert refused(operations, saved, company, "not as long|not a backup's manifest|was changed")


@pytest.mark.parametrize("ending", [".dump", ".json"])
def test_one_file_without_the_other_is_no_backup(operations, company, saved, ending):
    saved.with_suffix(ending).unlink()
    assert refused(operations, saved, company, "There is no")


def test_the_manifest_of_another_backup_is_refused(installation, operations, company, saved):
    destroy(installation, company)
    other = operations.backups.make(company, by="test")
    saved.with_suffix(".dump").write_bytes(other.with_suffix(".dump").read_bytes())
    assert refused(operations, saved, company, "not as long|SHA-256")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema_revision": "9999"}, "schema revision 9999, which this release does not know"),
        ({"installation": "elsewhere"}, "whose catalog is elsewhere"),
        ({"company_id": "c_other"}, "another company"),
    ],
)
def test_what_we_cannot_restore_is_refused_before_anything_is_made(operations, company, saved, changes, said):
    assert refused(operations, rewritten(saved, **changes), company, said)


def test_a_dump_that_is_not_what_its_manifest_says_never_becomes_the_company(
    installation, operations, company, saved
):
    before = contents_of(installation, company)
    manifest = read_manifest(saved)
    count, checksum = manifest.tables["contact"]
    lies = [
        {"tables": {**manifest.tables, "contact": (count + 1, checksum)}},
        {"tables": {**manifest.tables, "contact": (count, "0:0")}},
        {"tables": {**manifest.tables, "more": (0, "0:0")}},
        {"sequences": {**manifest.sequences, "contact_id_seq": 10**6}},
        {"access": {**manifest.access, "contact": "everybody"}},
    ]
    for lie in lies:
        lying = rewritten(saved, **lie)
        with pytest.raises(OperatorError, match=r"is not what was saved: (table|sequence|access to) "):
            operations.restorer.into(lying, company)
        rewritten(lying, **manifest.model_dump())
    dump = saved.with_suffix(".dump")
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    half = rewritten(
        saved, dump_bytes=dump.stat().st_size, dump_sha256=hashlib.sha256(dump.read_bytes()).hexdigest()
    )
    with pytest.raises(OperatorError, match="pg_restore failed"):
        operations.restorer.into(half, company)
    assert_works(installation, company, before)
    installation.assert_no_orphans()


def test_a_failed_proof_is_remembered_and_does_not_count(installation, operations, company, saved):
    saved.with_suffix(".dump").write_bytes(b"")
    with pytest.raises(OperatorError):
        operations.backups.prove(saved)
    ((proven, problem),) = installation.rows("SELECT proven_at, problem FROM backup")
    assert proven is None
    assert "not as long" in problem


def test_an_older_backup_is_migrated_on_arrival(installation, operations):
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
    saved = operations.backups.make(tenant_id, by="test")
    assert read_manifest(saved).schema_revision == OLD
    operations.backups.prove(saved)
    operations.restorer.into(saved, tenant_id)
    assert installation.rows("SELECT schema_revision FROM tenant") == [(head("tenant"),)]
    fresh = installation.registrar.register(new_company("Fresh"))
    assert shape(installation, address_of(installation, tenant_id).database) == shape(
        installation, address_of(installation, fresh.tenant_id).database
    )
    assert_works(installation, tenant_id, contents_of(installation, tenant_id))


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
    assert receipt.last_backup_sha256 == read_manifest(path).dump_sha256
    assert hashlib.sha256(path.with_suffix(".dump").read_bytes()).hexdigest() == receipt.last_backup_sha256
    with pytest.raises(OperatorError, match="name one with --owner"):
        operations.restorer.as_new(path, "Northwind")
    installation.assert_no_orphans()
    other = installation.registrar.register(new_company("Other"))
    copy = operations.restorer.as_new(path, "Northwind", owner=other.user_id)
    found = contents_of(installation, copy.tenant_id)
    changed = {name for name in before.tables if before.tables[name] != found.tables[name]}
    assert changed == {"company"}


def test_a_company_that_cannot_be_saved_is_not_purged(installation, operations, company):
    installation.do("DROP TABLE alembic_version", database=address_of(installation, company).database)
    operations.lifecycle.delete(company, timedelta(0))
    with pytest.raises(Exception, match="alembic_version"):
        operations.lifecycle.purge(company, by="test")
    assert operations.cleanup.sweep() == []
    assert installation.rows("SELECT state, delete_after > now() FROM tenant") == [("deleting", True)]
    operations.lifecycle.purge(company, by="test", is_due_only=False, is_saved=False)
    installation.assert_no_orphans()


# What time takes care of


def set_back(installation, table, column):
    with installation.catalog.begin() as session:
        session.execute(text(f"UPDATE {table} SET {column} = now() - interval '1 minute'"))


def test_the_replaced_database_goes_after_its_day(installation, operations, company, saved):
    operations.restorer.into(saved, company)
    assert operations.cleanup.sweep() == []
    ((old,),) = installation.rows("SELECT database FROM set_aside")
    assert old in installation.databases()
    set_back(installation, "set_aside", "drop_after")
    assert operations.cleanup.sweep() == [old]
    assert installation.databases() == {address_of(installation, company).database}
    installation.assert_no_orphans()


def test_a_database_that_is_being_filled_is_left_to_whoever_is_at_it(
    installation, operations, company, saved
):
    real = operations.restorer._finish
    seen = []

    def finish(server, database, manifest):
        seen.append(operations.cleanup.sweep())
        real(server, database, manifest)

    operations.restorer._finish = finish
    operations.restorer.into(saved, company)
    assert seen == [[]]


def test_what_expired_is_deleted_and_what_was_deleted_is_purged_in_its_time(
    installation, operations, company
):
    with operations.backups.temporary(company, by="test") as path:
        copy = operations.restorer.as_new(path, "Trial", expires_at=now())
    assert operations.cleanup.sweep() == [copy.tenant_id]
    assert installation.rows("SELECT state FROM tenant WHERE slug = 'trial'") == [("deleting",)]
    assert operations.cleanup.sweep() == []
    installation.rows("UPDATE tenant SET delete_after = now() WHERE slug = 'trial' RETURNING 1")
    assert operations.cleanup.sweep() == [copy.tenant_id]
    assert installation.rows("SELECT slug, last_backup_sha256 IS NOT NULL FROM deletion_receipt") == [
        ("trial", True)
    ]
    installation.assert_no_orphans()


def test_superfluous_backups_go_with_their_files_and_the_proven_one_stays(
    installation, operations, company, saved
):
    operations.backups.prove(saved)
    old = [operations.backups.make(company, by="test") for _ in range(3)]
    elsewhere = operations.backups.make(company, by="test", to=saved.parent.parent / "elsewhere")
    for minutes, path in enumerate([old[2], old[1], old[0], saved, elsewhere]):
        made_long_ago(installation, path, minutes)
    newest = operations.backups.make(company, by="test")
    assert sorted(operations.backups.sweep()) == sorted(old[:2])
    staying = {saved, old[2], newest}
    assert set(saved.parent.iterdir()) == {
        path.with_suffix(suffix) for path in staying for suffix in (".dump", ".json")
    }
    assert {Path(one.manifest_file) for one in operations.backups.entries()} == staying | {elsewhere}
    assert elsewhere.exists()


def made_long_ago(installation, path, minutes):
    """Nothing comes back; the catalog takes the backup for one made so many minutes before a noon in January."""
    with installation.catalog.begin() as session:
        session.execute(
            text(
                "UPDATE backup SET made_at = timestamptz '2026-01-05 12:00Z' - :minutes * interval '1 minute'"
                " WHERE manifest_file = :file"
            ),
            {"minutes": minutes, "file": str(path)},
        )


def test_what_nobody_recorded_is_recorded_and_what_was_never_finished_goes(
    installation, operations, company, saved
):
    with installation.catalog.begin() as session:
        session.execute(text("DELETE FROM backup"))
    leftovers = [saved.parent / name for name in ("a.dump", ".b.dump.part", ".passing-c")]
    leftovers[0].touch()
    leftovers[1].touch()
    leftovers[2].mkdir()
    (leftovers[2] / "d.dump").touch()
    (saved.parent / "e.json").write_bytes(orjson.dumps({"manifest": {}}))
    assert operations.backups.sweep() == []
    assert [Path(one.manifest_file) for one in operations.backups.entries()] == [saved]
    assert all(path.exists() for path in leftovers)
    for path in leftovers:
        os.utime(path, (0, 0))
    operations.backups.sweep()
    assert sorted(path.name for path in saved.parent.iterdir()) == sorted(
        ["e.json", saved.name, saved.with_suffix(".dump").name]
    )


def test_backups_of_a_company_that_is_gone_are_kept_for_a_month(installation, operations, company):
    operations.lifecycle.delete(company, timedelta(0))
    receipt = operations.lifecycle.purge(company, by="test")
    assert operations.backups.sweep() == []
    with installation.catalog.begin() as session:
        session.execute(text("UPDATE deletion_receipt SET purged_at = now() - interval '31 days'"))
    assert operations.backups.sweep() == [Path(receipt.last_backup_file)]
    assert list(operations.backups.directory.iterdir()) == []
