"""What expires: replaced databases, clones, superfluous and unfinished backups."""

import os
from datetime import timedelta
from pathlib import Path

import orjson
from sqlalchemy import text

from crmtenant.clock import now
from tests.integration.backups.changes import set_back
from tests.integration.saving import address_of


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
    """Make the catalog date the backup so many minutes before a noon in January."""
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
