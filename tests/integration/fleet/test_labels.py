"""What a database says of itself: every company is labelled, and an older catalog follows the labels."""

from __future__ import annotations

import pytest

from crmtenant.db.admin.identity import Contradiction
from crmtenant.db.pool.label import Label
from crmtenant.services.jobs.reconciler import Discrepancy
from tests.integration.installation import new_company
from tests.integration.saving import address_of


@pytest.fixture
def company(installation):
    """A company that was registered after the catalog was saved: its id and its database."""
    registered = installation.registrar.register(new_company("Later"))
    return registered.tenant_id, address_of(installation, registered.tenant_id).database


def _forget_what_happened(installation, tenant_id, **before):
    """Put the catalog back to what it was before the last change."""
    changes = ", ".join(f"{name} = :{name}" for name in before)
    installation.rows(f"UPDATE tenant SET {changes} WHERE id = :id RETURNING 1", id=tenant_id, **before)


def _row(installation, tenant_id):
    ((database, epoch, state),) = installation.rows(
        "SELECT database, epoch, state FROM tenant WHERE id = :id", id=tenant_id
    )
    return {"database": database, "epoch": epoch, "state": state}


def test_every_company_is_labelled_as_the_catalog_has_it(installation, company):
    tenant_id, database = company
    installation.reconciler().reconcile()
    assert installation.provisioner.inventory().labels == {database: Label(tenant_id, 1, "active")}
    for change, state in (("suspend", "suspended"), ("resume", "active"), ("delete", "deleting")):
        getattr(installation.lifecycle(), change)(tenant_id)
        label = Label(tenant_id, _row(installation, tenant_id)["epoch"], state)
        assert installation.provisioner.inventory().labels == {database: label}


@pytest.mark.parametrize(
    ("before", "changes", "state"),
    [((), ["delete"], "deleting"), ((), ["suspend"], "suspended"), (("delete",), ["undelete"], "active")],
)
def test_an_older_catalog_follows_what_the_database_says(installation, company, before, changes, state):
    tenant_id, database = company
    for change in before:
        getattr(installation.lifecycle(), change)(tenant_id)
    was = _row(installation, tenant_id)
    for change in changes:
        getattr(installation.lifecycle(), change)(tenant_id)
    _forget_what_happened(installation, tenant_id, **was)
    if was["state"] == "deleting":
        with pytest.raises(Contradiction):
            installation.lifecycle().purge(tenant_id, by="test", is_due_only=False, is_saved=False)
    assert Discrepancy("company", tenant_id, "followed") in installation.reconciler().reconcile()
    assert _row(installation, tenant_id)["state"] == state
    assert (database in installation.provisioner.inventory().open) == (state == "active")


def test_a_restored_company_is_found_again_by_an_older_catalog(installation, company, tmp_path):
    tenant_id, older = company
    operations = installation.operations(tmp_path)
    was = _row(installation, tenant_id)
    backup = operations.backups.make(tenant_id, by="test")
    operations.restorer.into(backup, tenant_id)
    newer = _row(installation, tenant_id)["database"]
    _forget_what_happened(installation, tenant_id, **was)
    installation.rows("DELETE FROM set_aside RETURNING 1")
    outcomes = installation.reconciler().reconcile()
    assert Discrepancy("database", newer, "adopted") in outcomes
    assert _row(installation, tenant_id) == {"database": newer, "epoch": 2, "state": "active"}
    inventory = installation.provisioner.inventory()
    assert inventory.open == {newer}
    assert inventory.labels[older].state == "replaced"
    assert installation.company_rows(tenant_id)


def test_an_older_catalog_closes_no_company_that_went_elsewhere(installation, company, tmp_path):
    """Its owners had asked for the deletion when the catalog was saved, and may have withdrawn it since."""
    tenant_id, database = company
    installation.provisioner.label_database(database, Label(tenant_id, 1, "replaced"))
    installation.rows("UPDATE tenant SET delete_after = now() RETURNING 1")
    assert installation.operations(tmp_path).cleanup.sweep() == []
    assert installation.rows("SELECT state, epoch FROM tenant") == [("active", 1)]
