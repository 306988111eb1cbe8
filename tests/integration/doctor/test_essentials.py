"""The doctor sees a copy of what the catalog says of a company that is missing, out of date, or not to be trusted."""

import pytest

from tests.integration.doctor.examining import doctor_of, examined
from tests.integration.installation import new_company
from tests.integration.recovery.recovering import copy_essentials
from tests.integration.saving import address_of

FOUND = ("essentials", "northwind")


@pytest.fixture
def doctor(installation, tmp_path, monkeypatch):
    monkeypatch.setattr("crmtenant.services.doctor.checks.server.examine", examined)
    return doctor_of(installation, tmp_path, monkeypatch)


@pytest.fixture
def database(installation):
    """The database of a company whose essentials were last changed an hour ago, and copied."""
    made = address_of(installation, installation.registrar.register(new_company()).tenant_id).database
    for table in ("tenant", "login", "user_company_map"):
        installation.rows(f"UPDATE {table} SET changed_at = now() - interval '1 hour' RETURNING 1")
    installation.rows("UPDATE server SET created_at = now() - interval '1 hour' RETURNING 1")
    copy_essentials(installation)
    return made


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM essentials",
        "UPDATE essentials SET company_id = 'c_another'",
        "UPDATE essentials SET document = 'null', saved_at = now() - interval '1 hour'",
    ],
)
def test_a_copy_that_is_missing_or_out_of_date_is_told_and_written_anew(
    installation, doctor, database, change
):
    assert doctor(code=0) == []
    before = installation.admin("SELECT company_id, document FROM essentials", database=database)
    installation.do(change, database=database)
    assert doctor(code=3) == [FOUND]
    assert doctor("--fix", code=0) == []
    assert installation.admin("SELECT company_id, document FROM essentials", database=database) == before


def test_one_that_is_not_written_any_more_is_told(installation, doctor, database):
    installation.rows("UPDATE user_company_map SET role = 'admin' RETURNING 1")
    installation.do("UPDATE essentials SET saved_at = now() - interval '1 hour'", database=database)
    assert doctor(code=3) == [FOUND]
    installation.rows("UPDATE user_company_map SET changed_at = now() RETURNING 1")
    assert doctor(code=0) == [], "it may be on its way"


def test_a_catalog_that_is_older_than_a_copy_is_told_and_the_copy_is_kept(installation, doctor, database):
    installation.do("UPDATE essentials SET saved_at = now() + interval '1 hour'", database=database)
    assert doctor("--fix", code=3) == [FOUND]
    installation.rows("DELETE FROM essentials_copy RETURNING 1")
    assert doctor("--fix", code=3) == [FOUND]
    assert installation.admin("SELECT saved_at > now() FROM essentials", database=database) == [(True,)]


@pytest.mark.parametrize(
    "grant", ["GRANT SELECT ON essentials TO {}", "GRANT UPDATE (document) ON essentials TO {}"]
)
def test_one_that_others_have_rights_to_is_neither_believed_nor_written(
    installation, doctor, database, grant
):
    installation.do(grant, database, database=database)
    assert FOUND in doctor(code=3)
    installation.rows("UPDATE user_company_map SET role = 'admin' RETURNING 1")
    assert copy_essentials(installation) == 0
