"""The copies of what the catalog says of companies, in their own databases."""

import json
from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.scratch import scratch_copy
from crmtenant.db.schema.migrations import head, revisions
from crmtenant.services.jobs import essentials_copies
from crmtenant.services.jobs.catalog_backup import CatalogBackup
from crmtenant.services.jobs.essentials_copies import EssentialsCopies
from crmtenant.services.recovery.essentials import SINCE_REVISION
from tests.integration.installation import new_company
from tests.integration.saving import address_of


@pytest.fixture
def job(installation):
    return EssentialsCopies(installation.catalog, installation.servers)


def _company(installation, name="Northwind"):
    made = installation.registrar.register(new_company(name, password_hash="a-hash-of-a-password"))
    return made.tenant_id


def _copies(installation, tenant_id):
    """What the company's database has: saved_at and document by company."""
    database = address_of(installation, tenant_id).database
    rows = installation.admin("SELECT company_id, saved_at, document FROM essentials", database=database)
    return {company: (saved_at, document) for company, saved_at, document in rows}


def _assert_withheld(installation, tenant_id, statement):
    """The company's own role has no right to this."""
    with (
        closing(address_of(installation, tenant_id).connect()) as connection,
        connection.cursor() as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(statement)


def _document(installation, tenant_id):
    return _copies(installation, tenant_id)[tenant_id][1]


def test_the_first_revision_with_room_is_one_of_ours():
    assert SINCE_REVISION in revisions("tenant")


def test_only_what_changed_is_written(installation, job):
    one, other = _company(installation, "One"), _company(installation, "Other")
    assert (job.write_changed(), job.write_changed()) == (2, 0)
    before = _copies(installation, other)
    installation.rows("UPDATE user_company_map SET role = 'admin' WHERE tenant_id = :id RETURNING 1", id=one)
    assert (job.write_changed(), job.write_changed()) == (1, 0)
    assert [member["role"] for member in _document(installation, one)["members"]] == ["admin"]
    assert _copies(installation, other) == before
    installation.rows("UPDATE tenant SET language = 'de' WHERE id = :id RETURNING 1", id=other)
    assert job.write_changed() == 1
    assert _document(installation, other)["company"]["language"] == "de"


def test_a_copy_names_the_companys_own_people_and_no_password(installation, job):
    one, other = _company(installation, "One"), _company(installation, "Other")
    job.write_changed()
    text = json.dumps(_document(installation, one))
    ((own, id_of_own),) = installation.rows(
        "SELECT email, id FROM login JOIN user_company_map ON login_id = id WHERE tenant_id = :id", id=one
    )
    assert own in text
    assert id_of_own in text
    assert other not in text
    assert "a-hash" not in text
    assert len(_document(installation, one)["members"]) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM essentials",
        "INSERT INTO essentials VALUES ('c', now(), '{}')",
        "UPDATE essentials SET document = '{}'",
        "DELETE FROM essentials",
        "TRUNCATE essentials",
        "ALTER TABLE essentials RENAME TO mine",
        "DROP TABLE essentials",
        "CREATE TRIGGER t BEFORE INSERT ON essentials EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE TABLE public.another ()",
    ],
)
def test_the_companys_own_role_cannot_touch_it(installation, job, statement):
    company = _company(installation)
    job.write_changed()
    before = _copies(installation, company)
    _assert_withheld(installation, company, statement)
    assert _copies(installation, company) == before


def test_a_copy_newer_than_the_catalog_is_kept(installation, job):
    company = _company(installation)
    job.write_changed()
    database = address_of(installation, company).database
    installation.do("UPDATE essentials SET saved_at = saved_at + interval '1 hour'", database=database)
    before = _copies(installation, company)
    installation.rows("UPDATE user_company_map SET role = 'admin' RETURNING 1")
    assert job.write_changed() == 0
    assert _copies(installation, company) == before


def test_one_that_was_broken_off_is_written_by_the_next(installation, job, monkeypatch):
    company = _company(installation)
    assert job.write_changed() == 1

    def fail(*_):
        raise OSError("broken off")

    installation.rows("UPDATE user_company_map SET role = 'admin' RETURNING 1")
    with monkeypatch.context() as broken:
        broken.setattr(essentials_copies, "write_copy", fail)
        assert job.write_changed() == 0
    assert job.write_changed() == 0, "what failed is not tried again at once"
    assert EssentialsCopies(installation.catalog, installation.servers).write_changed() == 1
    assert [member["role"] for member in _document(installation, company)["members"]] == ["admin"]


def test_a_server_that_does_not_answer_is_caught_up_with_as_soon_as_it_does(installation, job, monkeypatch):
    company = _company(installation)

    def refuse(_):
        raise psycopg2.OperationalError("connection refused")

    with monkeypatch.context() as down:
        down.setattr(essentials_copies, "administering", refuse)
        down.setattr(essentials_copies, "_answers", lambda _: False)
        assert job.write_changed() == 0
    assert job.write_changed() == 1
    assert set(_copies(installation, company)) == {company}


def test_a_database_that_is_gone_keeps_no_other_companys_copy_from_being_written(installation, job):
    gone, closed, _ = (_company(installation, name) for name in ("Gone", "Closed", "There"))
    installation.do("DROP DATABASE {} WITH (FORCE)", address_of(installation, gone).database)
    installation.do("ALTER DATABASE {} ALLOW_CONNECTIONS false", address_of(installation, closed).database)
    assert job.write_changed() == 1


def test_companies_that_are_moved_or_have_no_room_yet_are_left_alone(installation, job):
    moved, old = _company(installation, "Moved"), _company(installation, "Old")
    installation.rows("UPDATE tenant SET migrating_until = now() WHERE id = :id RETURNING 1", id=moved)
    installation.rows("UPDATE tenant SET schema_revision = '0007' WHERE id = :id RETURNING 1", id=old)
    assert job.write_changed() == 0
    installation.rows("UPDATE tenant SET migrating_until = NULL RETURNING 1")
    assert job.write_changed() == 1
    assert _copies(installation, old) == {}


def test_a_restored_database_has_no_copy_until_it_is_written_anew(installation, job, tmp_path):
    company = _company(installation)
    job.write_changed()
    operations = installation.operations(tmp_path)
    file = operations.backups.make(company, by="test")
    operations.restorer.into(file, company)
    assert _copies(installation, company) == {}
    owner = installation.rows("SELECT id FROM login")[0][0]
    sandbox = operations.restorer.as_new(file, "Sandbox", owner=owner).tenant_id
    assert job.write_changed() == 2
    assert set(_copies(installation, company)) == {company}
    assert set(_copies(installation, sandbox)) == {sandbox}
    for one in (company, sandbox):
        _assert_withheld(installation, one, "SELECT 1 FROM essentials")


def test_neither_templates_nor_spares_hold_any(installation, job):
    _company(installation)
    installation.spares(1).top_up()
    job.write_changed()
    ((spare,),) = installation.rows("SELECT database FROM spare")
    template = installation.names.template(head("tenant"))
    with scratch_copy(installation.server, installation.names, template) as copy:
        for database in (spare, copy):
            assert installation.admin("SELECT count(*) FROM essentials", database=database) == [(0,)]


def test_one_process_at_a_time_writes(installation, job):
    _company(installation)
    with installation.servers.try_lock(advisory_locks.ESSENTIALS):
        assert job.write_changed() == 0


def test_the_catalog_is_saved_after_what_was_copied_changed(installation, job, tmp_path):
    backup = CatalogBackup(
        installation.catalog, installation.servers, installation.operations(tmp_path).backups
    )
    _company(installation)
    job.write_changed()
    assert backup.save_due()
    assert not backup.save_due()
    installation.rows("UPDATE user_company_map SET role = 'admin' RETURNING 1")
    job.write_changed()
    assert backup.save_due()
    assert not backup.save_due()
    assert now() - installation.rows("SELECT max(made_at) FROM backup")[0][0] < timedelta(minutes=1)
