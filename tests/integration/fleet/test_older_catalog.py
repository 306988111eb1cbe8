"""After the catalog was lost and an older one put back, every company is what it was last, and nothing is dropped."""

from __future__ import annotations

import psycopg2
import pytest

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.identity import Contradiction
from crmtenant.db.pool.label import Label
from crmtenant.errors import Conflict, Unavailable
from crmtenant.services.jobs.reconciler import Discrepancy
from crmtenant.services.tenants.registration import Registrar
from tests.integration.installation import new_company
from tests.integration.older_catalog import put_back, save_catalog
from tests.integration.saving import address_of, assert_works, contents_of
from tests.integration.two_servers import SECOND, empty, server_registry, weigh


@pytest.fixture
def installation(two):
    weigh(two, second=0)
    yield two
    empty(two)


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


def _register(installation, name="Northwind"):
    return installation.registrar.register(new_company(name)).tenant_id


def _write(installation, tenant_id, key):
    with installation.broker.begin(address_of(installation, tenant_id)) as session:
        session.connection().exec_driver_sql(
            "INSERT INTO answer (user_id, key, request_hash, created_at) VALUES ('w', %s, '', now())", (key,)
        )


def _database(installation, tenant_id):
    ((database,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=tenant_id)
    return database


def _all_databases(installation):
    return {
        name for server in installation.servers.all() for name in server.provisioner.inventory().databases
    }


def _reconcile(installation):
    return installation.reconciler(patience_seconds=0).reconcile()


def _restore(operations, tenant_id):
    operations.restorer.into(operations.backups.make(tenant_id, by="test"), tenant_id)


def _undo(operations, tenant_id):
    operations.restorer.undo(tenant_id)


def _move(operations, tenant_id):
    operations.mover.move(tenant_id, operations.servers.named(SECOND))


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("before", "since"),
    [
        ([], [_move]),
        ([], [_restore]),
        ([], [_restore, _undo]),
        ([_restore], [_undo]),
        ([_restore], [_undo, _restore, _move]),
        ([_move], [_restore]),
    ],
)
def test_the_newest_copy_is_served_and_the_older_ones_are_closed(installation, operations, before, since):
    tenant_id = _register(installation)
    for step in before:
        step(operations, tenant_id)
    saved = save_catalog(installation)
    for number, step in enumerate(since):
        step(operations, tenant_id)
        _write(installation, tenant_id, f"since {number}")
    newest, contents = _database(installation, tenant_id), contents_of(installation, tenant_id)
    databases = _all_databases(installation)
    put_back(installation, saved)
    stale = address_of(installation, tenant_id)
    if _database(installation, tenant_id) != newest:
        installation.broker.forget(stale)
        with pytest.raises((Unavailable, psycopg2.Error)), installation.broker.begin(stale) as session:
            session.connection()
    _reconcile(installation)
    operations.cleanup.sweep()
    assert _database(installation, tenant_id) == newest
    assert_works(installation, tenant_id, contents)
    inventories = [server.provisioner.inventory() for server in installation.servers.all()]
    assert {name for inventory in inventories for name in inventory.open} == {newest}
    assert _all_databases(installation) == databases
    assert _reconcile(installation) == [
        Discrepancy("database", name, "kept")
        for name in sorted(databases)
        if not _is_known(installation, name)
    ]


def _is_known(installation, database):
    return installation.rows(
        "SELECT 1 FROM tenant WHERE database = :name UNION SELECT 1 FROM set_aside WHERE database = :name",
        name=database,
    )


def _suspend(operations, tenant_id):
    operations.lifecycle.suspend(tenant_id)


def _delete(operations, tenant_id):
    operations.lifecycle.delete(tenant_id)


@pytest.mark.parametrize("step", [_suspend, _delete, _restore, _move])
def test_nothing_is_begun_with_an_older_copy(installation, operations, step):
    tenant_id = _register(installation)
    saved = save_catalog(installation)
    _restore(operations, tenant_id)
    _write(installation, tenant_id, "since")
    newest = _database(installation, tenant_id)
    put_back(installation, saved)
    with pytest.raises(Contradiction, match="The catalog is older"):
        step(operations, tenant_id)
    assert installation.rows("SELECT state, epoch, migrating_until FROM tenant") == [("active", 1, None)]
    _reconcile(installation)
    assert _database(installation, tenant_id) == newest


def test_a_restore_is_not_undone_by_an_older_catalog(installation, operations):
    tenant_id = _register(installation)
    _restore(operations, tenant_id)
    saved = save_catalog(installation)
    _restore(operations, tenant_id)
    newest = _database(installation, tenant_id)
    put_back(installation, saved)
    with pytest.raises(Contradiction, match="The catalog is older"):
        _undo(operations, tenant_id)
    assert installation.provisioner.inventory().open == {newest}


def test_a_server_with_a_company_that_the_catalog_does_not_know_is_not_removed(installation, operations):
    tenant_id = _register(installation)
    saved = save_catalog(installation)
    _move(operations, tenant_id)
    contents = contents_of(installation, tenant_id)
    put_back(installation, saved)
    with pytest.raises(Conflict, match="1 databases on second are unknown to the catalog"):
        server_registry(installation).remove(SECOND)
    _reconcile(installation)
    assert_works(installation, tenant_id, contents)


def test_three_companies_that_were_spares_when_the_catalog_was_saved_survive(installation, operations):
    installation.spares(3).top_up()
    saved = save_catalog(installation)
    companies = [_register(installation, f"Later {number}") for number in range(3)]
    for tenant_id in companies:
        _write(installation, tenant_id, "since")
    databases = {_database(installation, tenant_id): tenant_id for tenant_id in companies}
    assert databases.keys() == {row["database"] for row in saved["spare"]}
    put_back(installation, saved)
    newcomer = _register(installation, "Newcomer")
    assert _database(installation, newcomer) not in databases
    for _ in range(2):
        _reconcile(installation)
        operations.cleanup.sweep()
        installation.spares(1).top_up()
    for database, tenant_id in databases.items():
        assert installation.admin("SELECT id FROM company", database=database) == [(tenant_id,)]
    assert not {name for (name,) in installation.rows("SELECT database FROM spare")} & databases.keys()


@pytest.mark.parametrize("state", ["provisioning", "failed"])
def test_a_registration_that_was_finished_since_is_finished(installation, state):
    tenant_id = _register(installation)
    _write(installation, tenant_id, "since")
    database, contents = _database(installation, tenant_id), contents_of(installation, tenant_id)
    installation.rows(
        "UPDATE tenant SET state = :state, changed_at = now() - interval '1 hour' RETURNING 1", state=state
    )
    _reconcile(installation)
    assert installation.rows("SELECT state, database FROM tenant") == [("active", database)]
    assert_works(installation, tenant_id, contents)


def test_spares_that_are_not_there_are_forgotten(installation):
    installation.spares(3).top_up()
    for (database,) in installation.rows("SELECT database FROM spare"):
        installation.do("DROP DATABASE {} WITH (FORCE)", database)
        installation.do("DROP ROLE {}", database)
    assert {discrepancy.outcome for discrepancy in _reconcile(installation)} == {"forgotten"}
    assert installation.rows("SELECT 1 FROM spare") == []


def test_the_next_spare_is_taken_where_one_is_none(installation):
    installation.spares(2).top_up()
    first, second = (name for (name,) in installation.rows("SELECT database FROM spare ORDER BY created_at"))
    installation.do("DROP DATABASE {} WITH (FORCE)", first)
    # Nobody is there to make a database.
    registrar = Registrar(installation.catalog, installation.addresses, _nobody)
    made = registrar.register(new_company())
    assert _database(installation, made.tenant_id) == second


def test_a_spare_that_people_have_written_in_is_none(installation):
    installation.spares(1).top_up()
    ((written,),) = installation.rows("SELECT database FROM spare")
    installation.do(
        "INSERT INTO answer (user_id, key, request_hash, created_at) VALUES ('w', 'k', '', now())",
        database=written,
    )
    tenant_id = _register(installation)
    assert _database(installation, tenant_id) != written
    assert Discrepancy("database", written, "kept") in _reconcile(installation)


def _nobody(_):
    raise Unavailable


def test_what_was_replaced_by_somebody_who_was_killed_is_labelled(installation, operations):
    tenant_id = _register(installation)
    older = _database(installation, tenant_id)
    _restore(operations, tenant_id)
    # As whoever swapped them was killed in between.
    with administering(installation.server.admin()) as admin:
        statements.set_label(admin, older, Label(tenant_id, 1, "active"))
    _reconcile(installation)
    assert installation.provisioner.label_of(older) == Label(tenant_id, 1, "replaced")
