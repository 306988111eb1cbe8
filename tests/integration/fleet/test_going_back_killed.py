"""Killed at any step of going back, a company is forward and served or back and closed to this release; the same command
ends it."""

import pytest

from crmtenant.db.admin.provisioning import Provisioner
from crmtenant.db.schema.migrations import head
from tests.integration.fleet.test_going_back import (
    BEFORE,
    OLD,
    company,
    database_of,
    migrate,
    operations,
    tasks,
    work_on,
)
from tests.integration.killing import go_back_and_die, undo_restore_and_die
from tests.integration.saving import address_of

__all__ = ["company", "operations"]

PROVISIONER = "crmtenant.db.admin.provisioning:Provisioner"
RESTORING = "crmtenant.services.backups.restoring"
FORWARD = [("First", 2), ("third", 1)]

BEFORE_THE_SWAP = [
    ("copy", f"{PROVISIONER}.let_in", "after"),
    ("backup", f"{PROVISIONER}.make_empty", "after"),
    ("backup", "crmtenant.db.admin.dumps:Dumps.fill", "during"),
    ("backup", f"{PROVISIONER}.finish_filled", "after"),
    ("copy", "crmtenant.services.backups.going_back:row_changes", "after"),
    ("copy", f"{PROVISIONER}.restore_role", "after"),
    ("copy", f"{PROVISIONER}.open_database", "after"),
    ("copy", "crmtenant.services.fleet.database_swap:claim_retained", "after"),
]
AFTER_THE_SWAP = [
    ("copy", f"{RESTORING}:label_swapped", "before"),
    ("backup", f"{RESTORING}:label_swapped", "before"),
    ("copy", f"{PROVISIONER}.label_database", "after"),
    ("copy", f"{PROVISIONER}.close_database", "before"),
    ("copy", f"{PROVISIONER}.close_database", "after"),
    ("copy", "crmtenant.services.tenants.lifecycle:Lifecycle.settle", "before"),
]


def names(steps):
    return [f"{kind} {where.rpartition(':')[2]} {moment}" for kind, where, moment in steps]


@pytest.fixture
def migrated(installation, operations, company, monkeypatch):
    """Brings the company forward, keeping this kind, and works in it; returns its id and its database."""

    def bring_forward(kind):
        monkeypatch.setattr(Provisioner, "can_clone", lambda _: kind == "copy")
        assert migrate(operations).failed == []
        work_on(installation, company[1])
        return company

    return bring_forward


def go_back(operations, tenant_id):
    """What the command does when it is given again."""
    if operations.going_back.went_back_to(tenant_id):
        operations.going_back.complete(tenant_id)
        return
    with operations.going_back.prepare(tenant_id) as prepared:
        prepared.go()


def is_served(installation, tenant_id):
    """Whether a serving process gets a connection that it takes for this company's."""
    with installation.broker.begin(address_of(installation, tenant_id)) as session:
        return session.connection().exec_driver_sql("SELECT id FROM company").scalars().all() == [tenant_id]


def assert_is_back(installation, company):
    tenant_id, forward = company
    back = database_of(installation, tenant_id)
    assert back != forward
    assert installation.rows("SELECT schema_revision, state FROM tenant") == [(OLD, "active")]
    assert tasks(installation, back) == BEFORE
    assert is_served(installation, tenant_id)


def put_in_order(installation, operations):
    """What the worker does within minutes, at once."""
    operations.cleanup.sweep()
    installation.reconciler(patience_seconds=0).reconcile()


def assert_nothing_is_half_done(installation, company):
    inventory = installation.provisioner.inventory()
    current = database_of(installation, company[0])
    assert inventory.open == {current}
    assert {database for database, label in inventory.labels.items() if label.state == "active"} == {current}
    assert installation.reconciler(patience_seconds=0).reconcile() == []


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("kind", "where", "moment"), BEFORE_THE_SWAP, ids=names(BEFORE_THE_SWAP))
def test_killed_before_the_swap_it_is_forward_and_served(
    installation, operations, migrated, kind, where, moment
):
    company = migrated(kind)
    tenant_id, forward = company
    go_back_and_die(installation, operations.backups.directory, tenant_id, where, moment)
    for _ in range(2):
        assert database_of(installation, tenant_id) == forward
        assert installation.rows("SELECT schema_revision FROM tenant") == [(head("tenant"),)]
        assert tasks(installation, forward) == FORWARD
        assert is_served(installation, tenant_id)
        put_in_order(installation, operations)
    assert_nothing_is_half_done(installation, company)
    go_back(operations, tenant_id)
    assert_is_back(installation, company)
    assert_nothing_is_half_done(installation, company)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("by", ["the worker", "the command"])
@pytest.mark.parametrize(("kind", "where", "moment"), AFTER_THE_SWAP, ids=names(AFTER_THE_SWAP))
def test_killed_after_the_swap_it_is_back(installation, operations, migrated, kind, where, moment, by):
    company = migrated(kind)
    tenant_id, forward = company
    go_back_and_die(installation, operations.backups.directory, tenant_id, where, moment)
    assert_is_back(installation, company)
    if by == "the command":
        go_back(operations, tenant_id)
        assert forward not in installation.provisioner.inventory().open
        assert_is_back(installation, company)
    put_in_order(installation, operations)
    assert_is_back(installation, company)
    assert_nothing_is_half_done(installation, company)
    # And forward again, killed at the same step.
    undo_restore_and_die(installation, operations.backups.directory, tenant_id, where, moment)
    assert database_of(installation, tenant_id) == forward
    assert tasks(installation, forward) == FORWARD
    assert is_served(installation, tenant_id)
    put_in_order(installation, operations)
    assert is_served(installation, tenant_id)
    assert_nothing_is_half_done(installation, company)
