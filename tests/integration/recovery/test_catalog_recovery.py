"""The catalog is lost, and recovered from its backup and from what the servers know."""

import json
import re
from contextlib import nullcontext

import psycopg2
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.admin.dumps import Dumps
from crmtenant.errors import OperatorError
from tests.integration.fleet.moves import server_of
from tests.integration.installation import new_company
from tests.integration.killing import recover_and_die
from tests.integration.recovery.recovering import copy_essentials, join, lose, members, recover
from tests.integration.saving import address_of, assert_works, busy_company, contents_of
from tests.integration.two_servers import SECOND

FLEET, RECOVERY = "crmtenant.services.fleet.", "crmtenant.services.recovery."
STEPS = [
    "crmtenant.db.admin.installation:InstallationSetup.fence_catalog",
    "crmtenant.db.admin.statements:rename",
    "crmtenant.db.admin.statements:create_empty",
    "crmtenant.db.admin.dumps:Dumps.fill",
    "crmtenant.db.admin.installation:InstallationSetup.migrate_fenced_catalog",
    "crmtenant.services.jobs.catalog_recovery:survey",
    "crmtenant.services.jobs.catalog_recovery:CatalogRecovery._without_spares",
    "crmtenant.services.jobs.reconciler:Reconciler.reconcile",
    FLEET + "labels:_take_over",
    RECOVERY + "found_companies:insert_company",
    RECOVERY + "found_companies:write_members",
    "crmtenant.services.jobs.catalog_recovery:update_company",
    "crmtenant.services.jobs.catalog_recovery:forget_written",
    "crmtenant.db.admin.installation:InstallationSetup.open_catalog",
]


@pytest.fixture
def history(installation, directory):
    """Three companies of before the catalog was saved, and three of after, with what they wrote: contents by slug."""
    operations = installation.operations(directory)
    moved, restored, still = (busy_company(installation, name)[0] for name in ("Moved", "Restored", "Still"))
    installation.reconciler().reconcile()
    installation.spares(2).top_up()
    operations.backups.prove(operations.backups.make_catalog(by="test"))
    operations.mover.move(moved, installation.servers.named(SECOND))
    operations.restorer.into(operations.backups.make(restored, by="test"), restored)
    later = [busy_company(installation, f"Later {number}")[0] for number in range(3)]
    join(installation, still, "ben")
    copy_essentials(installation)
    ids = {"moved": moved, "restored": restored, "still": still}
    ids |= {f"later-{number}": company for number, company in enumerate(later)}
    return {slug: (company, contents_of(installation, company)) for slug, company in ids.items()}


def test_a_catalog_that_is_not_what_was_saved_is_taken_only_by_force(installation, directory, monkeypatch):
    path = installation.operations(directory).backups.make_catalog(by="test")
    monkeypatch.setattr(Dumps, "compare", lambda *_: ["the rows of login"])
    monkeypatch.setattr(Context, "recovery", lambda _: nullcontext(installation.recovery(directory)))

    def recover_from(*words, code):
        with capture_logs():
            result = CliRunner().invoke(main, ["catalog", "recover", *words, "--yes"])
        assert result.exit_code == code, result.output
        return result

    assert "Error: None of the catalog's backups" in recover_from(code=1).output
    refused = recover_from(str(path), code=1).output
    assert re.search(r"the rows of login.*--force takes this one as it is", refused)
    assert "name the file" in recover_from("--force", code=2).output
    told = json.loads(recover_from(str(path), "--force", "--json", code=0).stdout)
    assert (told["backup"], told["companies"]) == (str(path), [])
    assert installation.rows("SELECT 1 FROM tenant") == []


def _assert_all_are_served(installation, history):
    slugs = dict(installation.rows("SELECT id, slug FROM tenant WHERE state = 'active'"))
    assert slugs == {company: slug for slug, (company, _) in history.items()}
    for company, saved in history.values():
        assert_works(installation, company, saved)
    assert server_of(installation, history["moved"][0]) == SECOND
    assert len(installation.rows("SELECT 1 FROM user_company_map WHERE role = 'owner'")) == len(history)
    assert members(installation, history["still"][0])["ben@people.example"] == ("member", "active")
    assert installation.registrar.register(new_company("Newcomer")).slug == "newcomer"


def test_nothing_is_lost_with_the_catalog(installation, directory, history):
    lose(installation)
    told = recover(installation, directory)
    assert {about: one.outcome for about, one in told.items()} == {
        "2 spares": "forgotten",
        "later-0": "found again",
        "later-1": "found again",
        "later-2": "found again",
        "moved": "adopted",
        "restored": "adopted",
        "still": "updated",
    }
    _assert_all_are_served(installation, history)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("where", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_recovery_that_was_killed_can_be_repeated(installation, directory, history, where, moment):
    recover_and_die(installation, directory, where, moment)
    recover(installation, directory)
    _assert_all_are_served(installation, history)


def test_nobody_is_served_until_it_is_opened_and_the_old_one_is_kept(installation, directory, history):
    recovery = installation.recovery(directory)
    address = installation.catalog.address
    before = installation.rows("SELECT id FROM tenant ORDER BY id")
    kept = recovery.restore(recovery.newest_backup())
    with pytest.raises(psycopg2.OperationalError):
        address.connect()
    with pytest.raises(OperatorError, match="is being recovered"):
        installation.setup.ensure_catalog()
    installation.do("ALTER DATABASE {} ALLOW_CONNECTIONS true", kept)
    assert installation.admin("SELECT id FROM tenant ORDER BY id", database=kept) == before
    list(recovery.reconcile())
    recovery.open()
    address.connect().close()


@pytest.mark.parametrize("is_restoring", [False, True])
def test_a_company_whose_database_is_gone_comes_back_from_its_backup(installation, directory, is_restoring):
    tenant_id, _ = busy_company(installation)
    operations = installation.operations(directory)
    path = operations.backups.make(tenant_id, by="test")
    saved = contents_of(installation, tenant_id)
    operations.backups.make_catalog(by="test")
    installation.do("DROP DATABASE {} WITH (FORCE)", address_of(installation, tenant_id).database)
    recovery = installation.recovery(directory)
    recovery.restore(recovery.newest_backup())
    (told,) = recovery.reconcile(is_restoring=is_restoring)
    recovery.open()
    assert told.about == "northwind"
    assert told.hint == (str(path) if is_restoring else f"crmtenant restore {path} --into northwind")
    if is_restoring:
        assert_works(installation, tenant_id, saved)


def test_what_is_no_backup_of_this_catalog_changes_nothing(installation, directory):
    recovery = installation.recovery(directory)
    with pytest.raises(OperatorError, match="There is no backup of the catalog"):
        recovery.newest_backup()
    tenant_id, _ = busy_company(installation)
    path = installation.operations(directory).backups.make(tenant_id, by="test")
    with pytest.raises(OperatorError, match="is not a backup of the catalog"):
        recovery.restore(path)
    assert installation.rows("SELECT id FROM tenant") == [(tenant_id,)]
