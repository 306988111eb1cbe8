"""Companies are suspended, deleted, brought back and purged, and the database always follows the catalog."""

import threading
import time
from datetime import timedelta

import psycopg2
import pytest
from sqlalchemy import text

from crmtenant.db.pool.broker import Broker
from crmtenant.errors import Conflict, Invalid, NotFound, Unavailable
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.jobs.reconciler import Discrepancy
from crmtenant.services.monitoring.overview import overview
from crmtenant.services.tenants.lifecycle import Lifecycle
from tests.clock import Clock
from tests.integration.installation import new_company


@pytest.fixture
def company(installation):
    return installation.registrar.register(new_company())


@pytest.fixture
def lifecycle(installation):
    return installation.lifecycle()


def address_of(installation, tenant_id):
    ((database, version),) = installation.rows(
        "SELECT database, password_version FROM tenant WHERE id = :id", id=tenant_id
    )
    return installation.provisioner.tenant_address(database, version)


def lets_in(address):
    try:
        address.connect().close()
    except psycopg2.OperationalError:
        return False
    return True


def state_of(installation, tenant_id):
    ((state,),) = installation.rows("SELECT state FROM tenant WHERE id = :id", id=tenant_id)
    return state


class Worker:
    """A process that works in a company without pause, with pooled connections of its own."""

    def __init__(self, address):
        self._address = address
        self._broker = Broker(budget=4, per_database=4, simultaneous_connects=2, statement_timeout_seconds=5)
        self._is_over = threading.Event()
        self.succeeded_at = []
        self.failed = 0
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        self.wait_for_success()
        return self

    def wait_for_success(self):
        begun, deadline = time.monotonic(), time.monotonic() + 10
        while not self.succeeded_at or self.succeeded_at[-1] < begun:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def wait_for_failures(self, count):
        wanted, deadline = self.failed + count, time.monotonic() + 10
        while self.failed < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _work(self):
        while not self._is_over.is_set():
            begun_at = time.monotonic()
            try:
                with self._broker.begin(self._address) as session:
                    session.execute(text("UPDATE company SET name = name"))
            except Exception:
                self.failed += 1
                time.sleep(0.01)
            else:
                self.succeeded_at.append(begun_at)

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()
        self._broker.close()


def test_no_query_succeeds_a_second_after_suspending_in_any_process(installation, company, lifecycle):
    address = address_of(installation, company.tenant_id)
    clock = Clock()
    directory = AccessDirectory(installation.catalog, 0.5, clock)
    assert directory.find(company.tenant_id, company.user_id).tenant_state == "active"
    with Worker(address) as one, Worker(address) as other:
        lifecycle.suspend(company.tenant_id)
        suspended_at = time.monotonic()
        clock.put_forward(1)
        assert directory.find(company.tenant_id, company.user_id).tenant_state == "suspended"
        for worker in (one, other):
            worker.wait_for_failures(20)
        assert max(*one.succeeded_at, *other.succeeded_at) <= suspended_at
        assert installation.admin(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", address.database
        ) == [(0,)]
        lifecycle.resume(company.tenant_id)
        one.wait_for_success()
        other.wait_for_success()


def test_what_was_done_can_be_done_again_and_what_cannot_be_done_is_told(installation, company, lifecycle):
    for step, state in [
        ("suspend", "suspended"),
        ("resume", "active"),
        ("delete", "deleting"),
        ("undelete", "active"),
    ]:
        for _ in range(2):
            getattr(lifecycle, step)(company.tenant_id)
            assert state_of(installation, company.tenant_id) == state
            assert lets_in(address_of(installation, company.tenant_id)) == (state == "active")
    with pytest.raises(Conflict, match="is active, so it cannot be purged"):
        lifecycle.purge(company.tenant_id, by="test")
    lifecycle.delete(company.tenant_id)
    with pytest.raises(Conflict, match="is deleting, so it cannot be suspended"):
        lifecycle.suspend(company.tenant_id)
    with pytest.raises(NotFound):
        lifecycle.suspend("c_nobody")


def test_deleting_ends_the_sign_ins_and_a_second_time_does_not_move_the_day(installation, company, lifecycle):
    with installation.catalog.begin() as session:
        session.execute(
            text(
                "INSERT INTO refresh_family (id, login_id, tenant_id, token_hash, created_at, rotated_at, expires_at)"
                " VALUES ('f', :login, :tenant, '', now(), now(), now() + interval '1 day')"
            ),
            {"login": company.user_id, "tenant": company.tenant_id},
        )
    until = lifecycle.delete(company.tenant_id)
    assert lifecycle.delete(company.tenant_id) == until
    assert installation.rows("SELECT 1 FROM refresh_family WHERE revoked_at IS NULL") == []


def test_purging_waits_for_its_day_and_leaves_a_receipt_and_nothing_else(installation, company, lifecycle):
    other = installation.registrar.register(new_company("Other"))
    with installation.catalog.begin() as session:
        session.execute(
            text(
                "INSERT INTO user_company_map SELECT :login, :tenant, 'member', 'active', now(), now();"
                "INSERT INTO backup SELECT 'b', :gone, 'northwind', 'f', 'abc', 1, '0001', now(), now()"
            ),
            {"login": other.user_id, "tenant": company.tenant_id, "gone": company.tenant_id},
        )
    lifecycle.delete(company.tenant_id)
    with pytest.raises(Conflict, match="can be brought back until"):
        lifecycle.purge(company.tenant_id, by="test")
    receipt = lifecycle.purge(company.tenant_id, by="test", is_due_only=False)
    assert (receipt.slug, receipt.purged_by, receipt.people_removed) == ("northwind", "test", 1)
    assert receipt.last_backup_sha256 == "abc"
    assert installation.rows("SELECT tenant_id, last_backup_sha256 FROM deletion_receipt") == [
        (company.tenant_id, "abc")
    ]
    assert installation.rows("SELECT id FROM login") == [(other.user_id,)]
    installation.assert_no_orphans()


def test_a_company_whose_day_has_come_is_purged(installation, company, lifecycle):
    lifecycle.delete(company.tenant_id, timedelta(0))
    lifecycle.purge(company.tenant_id, by="test")
    installation.assert_no_orphans()


@pytest.mark.parametrize("step", ["drop_database", "_delete_rows"])
def test_a_purge_that_broke_off_cannot_be_undone_but_finished(
    installation, company, lifecycle, monkeypatch, step
):
    lifecycle.delete(company.tenant_id, timedelta(0))

    def break_off(*_):
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(
            installation.provisioner
            if step == "drop_database"
            else "crmtenant.services.tenants.lifecycle._delete_rows",
            *([step, break_off] if step == "drop_database" else [break_off]),
        )
        with pytest.raises(Unavailable):
            lifecycle.purge(company.tenant_id, by="test")
    with pytest.raises(Conflict, match="is deleted, so it cannot be brought back"):
        lifecycle.undelete(company.tenant_id)
    lifecycle.purge(company.tenant_id, by="test")
    installation.assert_no_orphans()


@pytest.mark.parametrize(
    ("step", "outcome"), [("suspend", "closed"), ("delete", "closed"), ("resume", "opened")]
)
def test_a_database_that_did_not_follow_the_catalog_is_made_to(
    installation, company, lifecycle, monkeypatch, step, outcome
):
    if step == "resume":
        lifecycle.suspend(company.tenant_id)
    with monkeypatch.context() as patch:
        patch.setattr(Lifecycle, "settle", lambda *_: None)
        getattr(lifecycle, step)(company.tenant_id)
    address = address_of(installation, company.tenant_id)
    assert lets_in(address) == (step != "resume")
    assert installation.reconciler().reconcile() == [Discrepancy("database", address.database, outcome)]
    assert lets_in(address) == (step == "resume")
    assert installation.reconciler().reconcile() == []


def test_who_changes_their_mind_while_the_database_is_closing_is_obeyed(installation, company, lifecycle):
    database = address_of(installation, company.tenant_id).database
    installation.provisioner.close_database(database, is_wanted=lambda: False)
    assert lets_in(address_of(installation, company.tenant_id))


def test_renaming(installation, company, lifecycle):
    installation.registrar.register(new_company("Taken"))
    lifecycle.rename(company.tenant_id, name="North Wind", slug="north-wind")
    (found,) = overview(installation.catalog, installation.servers, "north-wind")
    assert (found.id, found.name) == (company.tenant_id, "North Wind")
    with pytest.raises(Conflict, match="Another company is called taken"):
        lifecycle.rename(company.tenant_id, slug="taken")
    for slug in ["Upper", "a--b", "-a", "a b", "", "ü", "a" * 61, "a\n"]:
        with pytest.raises(Invalid):
            lifecycle.rename(company.tenant_id, slug=slug)


def test_the_overview_tells_what_operators_ask_first(installation, company):
    installation.registrar.register(new_company("Another"))
    another, northwind = overview(installation.catalog, installation.servers)
    assert (another.slug, northwind.slug) == ("another", "northwind")
    assert (northwind.id, northwind.state, northwind.users) == (company.tenant_id, "active", 1)
    assert northwind.size_bytes > 1_000_000
    assert (northwind.used_at, northwind.proven_at) == (None, None)
    assert overview(installation.catalog, installation.servers, "nobody") == []
