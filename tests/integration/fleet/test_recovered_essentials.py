"""What changed since the catalog was saved comes back from the copies in companies' databases and backups."""

from contextlib import closing

import psycopg2
import pytest

from crmtenant.db.admin.replication import major_version
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError
from tests.integration.fleet.moves import server_of
from tests.integration.fleet.recovering import copy_essentials, join, lose, members, recover, recoverable
from tests.integration.installation import new_company
from tests.integration.saving import address_of
from tests.integration.two_servers import SECOND, enlist, weigh


@pytest.fixture
def installation(two):
    with recoverable(two) as made:
        yield made


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def backups(installation, directory):
    return installation.operations(directory).backups


def _found(installation, name="Northwind"):
    """A company with an owner of a known address; its id."""
    address = f"owner@{name.lower()}.example"
    founder = {"email": address, "email_key": address, "password_hash": "secret-hash"}
    return installation.registrar.register(new_company(name, **founder)).tenant_id


def test_who_joined_left_and_has_another_role_since(installation, directory, backups):
    company = _found(installation)
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
    company = _found(installation)
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
    company = _found(installation)
    installation.reconciler().reconcile()
    lose(installation)
    told = recover(installation, directory)["northwind"]
    assert told.hint == "founded by owner@northwind.example, 1 members; invite the others anew"
    assert members(installation, company) == {"owner@northwind.example": ("owner", "active")}


def test_what_is_older_than_the_backup_changes_nothing(installation, directory, backups):
    company = _found(installation)
    installation.reconciler().reconcile()
    copy_essentials(installation)
    join(installation, company, "ben")
    backups.make_catalog(by="test")
    lose(installation)
    assert recover(installation, directory) == {}
    assert "ben@people.example" in members(installation, company)


def test_a_server_added_since_is_found_again_with_its_companies(installation, directory, backups):
    ((host, port, admin_user),) = installation.rows(
        "SELECT host, port, admin_user FROM server WHERE name = :name", name=SECOND
    )
    moving = _found(installation)
    _found(installation, "Staying")
    installation.reconciler().reconcile()
    installation.rows(
        "UPDATE server SET name = 'away', host = 'nowhere.invalid' WHERE port = :port RETURNING 1", port=port
    )
    installation.rows("DELETE FROM server WHERE name = 'away' RETURNING 1")
    backups.make_catalog(by="test")
    installation.rows(
        "INSERT INTO server (name, host, port, admin_user, weight, created_at, changed_at)"
        " VALUES (:name, :host, :port, :user, 7, now(), now()) RETURNING 1",
        name=SECOND, host=host, port=port, user=admin_user,
    )  # fmt: skip
    operations = installation.operations(directory)
    operations.prepare()
    operations.mover.move(moving, installation.servers.named(SECOND))
    copy_essentials(installation)
    lose(installation)
    told = recover(installation, directory)
    assert {about: one.outcome for about, one in told.items()} == {
        SECOND: "server found again",
        "northwind": "adopted",
    }
    assert installation.rows("SELECT weight FROM server WHERE name = :name", name=SECOND) == [(7,)]
    with (
        closing(address_of(installation, moving).connect()) as connection,
        connection.cursor() as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute("SELECT 1 FROM essentials")


def test_companies_on_a_server_that_does_not_answer_are_left_alone(installation, directory, backups):
    weigh(installation, second=100, main=0)
    company = _found(installation)
    installation.reconciler().reconcile()
    backups.make(company, by="test")
    ((host,),) = installation.rows("SELECT host FROM server WHERE name = :name", name=SECOND)
    leaving = join(installation, company, "lea")
    copy_essentials(installation)
    where = {"host": "/nowhere", "name": SECOND}
    installation.rows("UPDATE server SET host = :host WHERE name = :name RETURNING 1", **where)
    backups.make_catalog(by="test")
    where["host"] = host
    installation.rows("UPDATE server SET host = :host WHERE name = :name RETURNING 1", **where)
    joined = join(installation, company, "jo")
    installation.rows(
        "UPDATE user_company_map SET state = 'removed' WHERE login_id = :id RETURNING 1", id=leaving
    )
    copy_essentials(installation)
    lose(installation)
    try:
        told = recover(installation, directory, is_restoring=True)
        assert {about: one.outcome for about, one in told.items()} == {SECOND: "unreachable"}
        ((state,),) = installation.rows("SELECT state FROM tenant WHERE id = :id", id=company)
        assert state == "active"
        # What changes in the catalog while it does not answer is newer than the copy.
        later = join(installation, company, "lou")
    finally:
        installation.rows("UPDATE server SET host = :host WHERE name = :name RETURNING 1", **where)
    address_of(installation, company).connect().close()
    # What nobody could read is taken over as soon as it can be read, and written anew the next time.
    assert (copy_essentials(installation), copy_essentials(installation)) == (0, 1)
    assert members(installation, company) == {
        "owner@northwind.example": ("owner", "active"),
        "lea@people.example": ("member", "removed"),
        "jo@people.example": ("member", "active"),
        "lou@people.example": ("member", "active"),
    }
    hashes = dict(installation.rows("SELECT id, password_hash FROM login"))
    assert (hashes[joined], hashes[later]) == ("unusable", "secret-hash")


def test_the_newest_copy_is_read_also_in_a_database_that_was_replaced(installation, directory, backups):
    company = _found(installation)
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
    company = _found(installation)
    good = backups.make_catalog(by="test")
    damaged = backups.make_catalog(by="test").with_suffix(".dump")
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    installation.rows("DELETE FROM tenant RETURNING 1")
    empty = backups.make_catalog(by="test")
    assert list(installation.recovery(directory).backups()) == [good, empty]
    recover(installation, directory)
    assert installation.rows("SELECT id FROM tenant") == [(company,)]


def test_no_new_catalog_is_made_where_companies_are(installation, directory, backups):
    _found(installation)
    installation.reconciler().reconcile()
    backups.make_catalog(by="test")
    lose(installation)
    with pytest.raises(OperatorError, match=r"is lost: .* 1 companies are"):
        installation.setup.ensure_catalog()
    recover(installation, directory)
    installation.setup.ensure_catalog()


@pytest.mark.parametrize("wreck", ["empty", "half dropped"])
def test_it_is_recovered_whatever_is_left_of_it(installation, directory, backups, wreck):
    company = _found(installation)
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
    company = _found(installation, "North & Sons")
    installation.reconciler().reconcile()
    file = backups.make(company, by="test")
    installation.do("DROP DATABASE {} WITH (FORCE)", address_of(installation, company).database)
    lose(installation)
    (told,) = recover(installation, directory, is_restoring=True).values()
    assert told.outcome == "only in its backup"
    assert told.hint == f"unless it was purged: crmtenant restore {file} --as 'North & Sons' --owner ADDRESS"


def test_links_for_new_passwords_that_may_have_been_used_end(installation, directory, backups):
    _found(installation)
    installation.rows(
        "INSERT INTO password_reset (id, email_key, expires_at) VALUES ('p_1', 'owner@northwind.example', now()) RETURNING 1"
    )
    backups.make_catalog(by="test")
    lose(installation)
    recover(installation, directory)
    assert installation.rows("SELECT 1 FROM password_reset") == []


def test_companies_of_a_server_that_is_gone_are_restored_elsewhere(installation, directory, backups):
    if len({major_version(server.address) for server in installation.servers.all()}) > 1:
        pytest.skip("what a newer PostgreSQL saved, an older one cannot restore")
    weigh(installation, second=100, main=0)
    company = _found(installation)
    installation.reconciler().reconcile()
    backups.make(company, by="test")
    ((host,),) = installation.rows("SELECT host FROM server WHERE name = :name", name=SECOND)
    backups.make_catalog(by="test")
    lose(installation)
    recovery = installation.recovery(directory)
    recovery.restore(recovery.newest_backup())
    with pytest.raises(OperatorError, match="answers, so it is not gone"):
        list(recovery.reconcile(gone=[SECOND]))
    installation.do(
        "UPDATE server SET host = '/nowhere' WHERE host IS NOT NULL", database=installation.names.catalog
    )
    found = list(recovery.reconcile(is_restoring=True, gone=[SECOND]))
    told = {one.about: one.outcome for one in found}
    recovery.open()
    try:
        assert told == {"northwind": "restored"}, found
        assert server_of(installation, company) == "main"
        assert address_of(installation, company).host != host
        address_of(installation, company).connect().close()
    finally:
        installation.rows("UPDATE server SET weight = 100 RETURNING 1")
        enlist(installation, ServerAddress(host, 5432, "postgres"))
