"""Backups and restores while people write."""

import os
import time
from pathlib import Path

from sqlalchemy import text

from crmtenant.services.backups.manifests import read_manifest
from tests.integration.installation import SEAL
from tests.integration.saving import Writers, address_of, assert_works, contents_of

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
BACKUPS_UNDER_LOAD = 20 if IS_TORTURE else 1


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
        manifest = read_manifest(Path(path.manifest_file), SEAL)
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
    """Neither does the company whose copy is made or restored to beside it."""
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
