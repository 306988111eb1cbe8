"""Servers that were added, that do not answer or that are gone when the catalog is recovered."""

from contextlib import closing

import psycopg2
import pytest

from crmtenant.db.admin.replication import major_version
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError
from tests.integration.fleet.moves import server_of
from tests.integration.recovery.recovering import (
    copy_essentials,
    found_company,
    join,
    lose,
    members,
    recover,
)
from tests.integration.saving import address_of
from tests.integration.two_servers import SECOND, enlist, weigh


def test_a_server_added_since_is_found_again_with_its_companies(installation, directory, backups):
    ((host, port, admin_user),) = installation.rows(
        "SELECT host, port, admin_user FROM server WHERE name = :name", name=SECOND
    )
    moving = found_company(installation)
    found_company(installation, "Staying")
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
    company = found_company(installation)
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


def test_companies_of_a_server_that_is_gone_are_restored_elsewhere(installation, directory, backups):
    if len({major_version(server.address) for server in installation.servers.all()}) > 1:
        pytest.skip("what a newer PostgreSQL saved, an older one cannot restore")
    weigh(installation, second=100, main=0)
    company = found_company(installation)
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
