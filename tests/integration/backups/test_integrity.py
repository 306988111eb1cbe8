"""A backup is refused if a single byte of it is wrong."""

import hashlib
import os
import random
from datetime import timedelta

import orjson
import psycopg2
import pytest

from crmtenant.clock import now
from crmtenant.db.secrets.secret_source import SecretSource
from crmtenant.errors import OperatorError
from crmtenant.services.backups.manifests import BackupManifest, read_manifest, write_manifest
from crmtenant.services.backups.seals import Seal
from crmtenant.services.backups.trust import Trust
from tests.integration.backups.changes import destroy
from tests.integration.installation import SEAL
from tests.integration.saving import assert_works, busy_company, contents_of

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
CORRUPTIONS = 200 if IS_TORTURE else 40


def refused(operations, path, company, match):
    """Whether the backup is refused before any database is made for it."""
    before = operations.restorer._servers.home.provisioner.inventory()
    with pytest.raises(OperatorError, match=match):
        operations.restorer.into(path, company)
    return operations.restorer._servers.home.provisioner.inventory() == before


def rewritten(path, seal=SEAL, **changes):
    """A backup with the same dump and a whole manifest that says something else."""
    manifest = BackupManifest(**{**read_manifest(path, SEAL).model_dump(), **changes})
    path.unlink()
    return write_manifest(path.with_suffix(""), manifest, seal)


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
    manifest = read_manifest(saved, SEAL)
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


def _another_seal():
    return Seal(SecretSource(lambda: ("another key, which is not this installation's",)))


def _unsealed(path):
    """A manifest as releases before seals wrote it."""
    document = orjson.loads(path.read_bytes())
    del document["seal"]
    path.write_bytes(
        orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    )
    return path


@pytest.mark.parametrize(
    ("foreign", "said"),
    [(lambda path: rewritten(path, _another_seal()), "does not have the seal"), (_unsealed, "has no seal")],
)
def test_a_backup_without_our_seal_is_refused_unless_it_is_trusted(operations, company, saved, foreign, said):
    path = foreign(saved)
    assert refused(operations, path, company, said)
    with pytest.raises(OperatorError, match=said):
        operations.backups.prove(path)
    trust = Trust(is_foreign=True)
    operations.backups.prove(path, trust)
    operations.restorer.into(path, company, trust)
    with pytest.raises(OperatorError, match="name one with --owner"):
        operations.restorer.as_new(path, "Copy", trust=trust)


def test_backups_sealed_with_an_older_key_are_known(operations, company, saved, monkeypatch):
    keys = ["a newer key that backups are sealed with", "a key that backups of the tests are sealed with"]
    monkeypatch.setattr(operations.restorer._trusted, "_seal", Seal(SecretSource(lambda: tuple(keys))))
    operations.restorer.into(saved, company)


def test_a_backup_that_could_not_be_restored_is_refused_unless_forced(
    installation, operations, company, saved
):
    installation.rows("UPDATE backup SET problem = 'pg_restore failed.' RETURNING 1")
    assert refused(operations, saved, company, "could not be restored when it was proven: pg_restore failed")
    operations.restorer.into(saved, company, Trust(is_failed=True))


def test_a_dump_of_another_company_never_becomes_the_company(installation, operations, company, saved):
    other, _ = busy_company(installation, "Southwind")
    installation.reconciler().reconcile()
    foreign = operations.backups.make(other, by="test")
    lying = rewritten(foreign, company_id=company)
    assert refused(operations, lying, company, "belongs to another company than its manifest says")


def test_what_says_nothing_of_a_backup_is_not_recorded_against_it(
    installation, operations, saved, monkeypatch
):
    whole = saved.read_bytes()
    with pytest.raises(OperatorError, match="does not have the seal"):
        operations.backups.prove(rewritten(saved, _another_seal()))
    saved.write_bytes(whole)

    def away(*_, **__):
        raise psycopg2.OperationalError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(operations.restorer, "prove", away)
        with pytest.raises(psycopg2.OperationalError):
            operations.backups.prove(saved)
    assert installation.rows("SELECT problem FROM backup") == [(None,)]
    operations.backups.prove(saved)


def test_a_foreign_backup_is_never_called_proven(installation, operations, saved):
    operations.backups.prove(rewritten(saved, _another_seal()), Trust(is_foreign=True))
    assert installation.rows("SELECT proven_at FROM backup") == [(None,)]


def test_a_copy_of_a_backup_that_failed_is_refused_as_well(
    installation, operations, company, saved, tmp_path
):
    installation.rows("UPDATE backup SET problem = 'pg_restore failed.' RETURNING 1")
    for suffix in (".json", ".dump"):
        (tmp_path / f"copy{suffix}").write_bytes(saved.with_suffix(suffix).read_bytes())
    assert refused(operations, tmp_path / "copy.json", company, "could not be restored when it was proven")


def test_manifests_of_others_neither_count_nor_displace_ours(installation, operations, company, saved):
    operations.backups.prove(saved)
    for days in range(1, 9):
        manifest = BackupManifest(
            **{**read_manifest(saved, SEAL).model_dump(), "made_at": now() + timedelta(days=days)}
        )
        stem = saved.with_name(f"northwind-forged-{days}")
        stem.with_suffix(".dump").write_bytes(saved.with_suffix(".dump").read_bytes())
        write_manifest(stem, manifest, _another_seal())
    assert operations.backups.sweep() == []
    assert [entry.manifest_file for entry in operations.backups.entries()] == [str(saved)]
