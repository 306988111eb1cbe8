"""What changed since the catalog was saved comes back from the copies in companies' databases and backups."""

import pytest

from crmtenant.errors import OperatorError
from tests.integration.recovery.recovering import (
    copy_essentials,
    found_company,
    join,
    lose,
    members,
    recover,
)
from tests.integration.saving import address_of


def test_who_joined_left_and_has_another_role_since(installation, directory, backups):
    company = found_company(installation)
    installation.reconciler().reconcile()
    leaving, rising = join(installation, company, "lea"), join(installation, company, "rita")
    backups.make_catalog(by="test")
    joined = join(installation, company, "jo")
    installation.rows(
        "UPDATE user_company_map SET state = 'removed' WHERE login_id = :id RETURNING 1", id=leaving
    )
    installation.rows(
        "UPDATE user_company_map SET role = 'admin' WHERE login_id = :id RETURNING 1", id=rising
    )
    installation.rows(
        "UPDATE login SET email = 'new@people.example', email_key = 'new@people.example' WHERE id = :id RETURNING 1",
        id=rising,
    )
    installation.rows(
        "UPDATE tenant SET slug = 'north', name = 'North', country = 'AT', time_zone = 'Europe/Vienna' RETURNING 1"
    )
    copy_essentials(installation)
    lose(installation)
    told = recover(installation, directory)["north"]
    assert members(installation, company) == {
        "owner@northwind.example": ("owner", "active"),
        "lea@people.example": ("member", "removed"),
        "new@people.example": ("admin", "active"),
        "jo@people.example": ("member", "active"),
    }
    assert installation.rows("SELECT slug, name, country, time_zone FROM tenant") == [
        ("north", "North", "AT", "Europe/Vienna")
    ]
    assert (told.outcome, told.without_password) == ("updated", ("jo@people.example",))
    assert told.hint == "name, country, time_zone, slug; 1 joined, 1 left, 1 changed roles"
    assert installation.rows("SELECT password_hash FROM login WHERE id = :id", id=joined) == [("unusable",)]
    assert installation.rows("SELECT password_hash FROM login WHERE id = :id", id=rising) == [
        ("secret-hash",)
    ]


@pytest.mark.parametrize("where", ["in its database", "in its backup"])
def test_a_company_founded_since_has_its_people_and_settings_again(installation, directory, backups, where):
    backups.make_catalog(by="test")
    company = found_company(installation)
    installation.reconciler().reconcile()
    join(installation, company, "ben", "admin")
    installation.rows("UPDATE tenant SET slug = 'nw', currency = 'CHF', language = 'de' RETURNING 1")
    if where == "in its database":
        copy_essentials(installation)
    else:
        backups.make(company, by="test")
    lose(installation)
    told = recover(installation, directory)["nw"]
    assert (told.outcome, told.hint) == ("found again", "founded by owner@northwind.example, 2 members")
    assert set(told.without_password) == {"owner@northwind.example", "ben@people.example"}
    assert members(installation, company) == {
        "owner@northwind.example": ("owner", "active"),
        "ben@people.example": ("admin", "active"),
    }
    assert installation.rows("SELECT slug, currency, language FROM tenant") == [("nw", "CHF", "de")]


def test_a_company_founded_in_the_last_moment_has_its_founder(installation, directory, backups):
    backups.make_catalog(by="test")
    company = found_company(installation)
    installation.reconciler().reconcile()
    lose(installation)
    told = recover(installation, directory)["northwind"]
    assert told.hint == "founded by owner@northwind.example, 1 members; invite the others anew"
    assert members(installation, company) == {"owner@northwind.example": ("owner", "active")}


def test_what_is_older_than_the_backup_changes_nothing(installation, directory, backups):
    company = found_company(installation)
    installation.reconciler().reconcile()
    copy_essentials(installation)
    join(installation, company, "ben")
    backups.make_catalog(by="test")
    lose(installation)
    assert recover(installation, directory) == {}
    assert "ben@people.example" in members(installation, company)


def test_the_newest_copy_is_read_also_in_a_database_that_was_replaced(installation, directory, backups):
    company = found_company(installation)
    installation.reconciler().reconcile()
    restorer = installation.operations(directory).restorer
    copy_essentials(installation)
    backups.make_catalog(by="test")
    join(installation, company, "ben")
    copy_essentials(installation)
    restorer.into(backups.make(company, by="test"), company)
    installation.rows("UPDATE user_company_map SET role = 'admin' WHERE role = 'member' RETURNING 1")
    copy_essentials(installation)
    restorer.undo(company)
    lose(installation)
    recover(installation, directory)
    assert members(installation, company)["ben@people.example"] == ("admin", "active")


def test_the_newest_undamaged_backup_of_a_catalog_with_companies_is_taken(installation, directory, backups):
    company = found_company(installation)
    good = backups.make_catalog(by="test")
    damaged = backups.make_catalog(by="test").with_suffix(".dump")
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    installation.rows("DELETE FROM tenant RETURNING 1")
    empty = backups.make_catalog(by="test")
    assert list(installation.recovery(directory).backups()) == [good, empty]
    recover(installation, directory)
    assert installation.rows("SELECT id FROM tenant") == [(company,)]


def test_no_new_catalog_is_made_where_companies_are(installation, directory, backups):
    found_company(installation)
    installation.reconciler().reconcile()
    backups.make_catalog(by="test")
    lose(installation)
    with pytest.raises(OperatorError, match=r"is lost: .* 1 companies are"):
        installation.setup.ensure_catalog()
    recover(installation, directory)
    installation.setup.ensure_catalog()


@pytest.mark.parametrize("wreck", ["empty", "half dropped"])
def test_it_is_recovered_whatever_is_left_of_it(installation, directory, backups, wreck):
    company = found_company(installation)
    installation.reconciler().reconcile()
    backups.make_catalog(by="test")
    if wreck == "empty":
        lose(installation)
        installation.do("CREATE DATABASE {} OWNER {}", installation.names.catalog, installation.names.owner)
    else:
        # What a DROP DATABASE that was killed leaves behind: nobody is in it any more.
        installation.admin(
            "WITH broken AS (UPDATE pg_database SET datconnlimit = -2 WHERE datname = %s RETURNING oid)"
            " SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity JOIN broken ON datid = oid",
            installation.names.catalog,
        )
    recover(installation, directory)
    assert installation.rows("SELECT id FROM tenant") == [(company,)]


def test_a_company_that_is_only_in_its_backup_is_told(installation, directory, backups):
    backups.make_catalog(by="test")
    company = found_company(installation, "North & Sons")
    installation.reconciler().reconcile()
    file = backups.make(company, by="test")
    installation.do("DROP DATABASE {} WITH (FORCE)", address_of(installation, company).database)
    lose(installation)
    (told,) = recover(installation, directory, is_restoring=True).values()
    assert told.outcome == "only in its backup"
    assert told.hint == f"unless it was purged: crmtenant restore {file} --as 'North & Sons' --owner ADDRESS"


def test_links_for_new_passwords_that_may_have_been_used_end(installation, directory, backups):
    found_company(installation)
    installation.rows(
        "INSERT INTO password_reset (id, email_key, expires_at) VALUES ('p_1', 'owner@northwind.example', now()) RETURNING 1"
    )
    backups.make_catalog(by="test")
    lose(installation)
    recover(installation, directory)
    assert installation.rows("SELECT 1 FROM password_reset") == []
