"""No database is dropped, taken or served that says it is something else than the catalog says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crmtenant.clock import now
from crmtenant.db.admin.identity import LEFTOVER, SPARE, Contradiction, deleted, filling, replaced, unfinished
from crmtenant.db.pool.label import Label
from crmtenant.errors import OperatorError, Unavailable
from crmtenant.ids import new_id
from crmtenant.services.tenants import companies
from tests.integration.installation import new_company
from tests.integration.saving import address_of

COMPANY = "c_" + "a" * 26
WRITTEN = """
    INSERT INTO answer (user_id, key, request_hash, created_at) VALUES ('u', 'k', '', now()) RETURNING 1
"""
OTHER = "c_" + "b" * 26


def _label(company=COMPANY, epoch=2, state="active"):
    return Label(company, epoch, state)


@pytest.fixture
def company(installation):
    """A company that was registered after the catalog was saved: its id and its database."""
    registered = installation.registrar.register(new_company("Later"))
    return registered.tenant_id, address_of(installation, registered.tenant_id).database


def _is_there(installation, company):
    tenant_id, database = company
    rows = installation.admin("SELECT id FROM company", database=database)
    return rows == [(tenant_id,)]


def _lose_the_catalogs_rows(installation):
    """As after a restore of a catalog that was saved before anybody registered."""
    for table in ("set_aside", "tenant", "login"):
        installation.rows(f"DELETE FROM {table} RETURNING 1")


def _insert_spare(installation, database, state="ready"):
    installation.rows(
        "INSERT INTO spare (database, server_id, revision, state, created_at)"
        " SELECT :database, id, template_revision, :state, now() FROM server RETURNING 1",
        database=database,
        state=state,
    )


def _insert_tenant(installation, database, state, *, epoch=1):
    """Another company in the catalog that is said to have this database."""
    installation.rows(
        "INSERT INTO tenant (id, slug, name, state, server_id, database, schema_revision, password_version,"
        " attempts, epoch, delete_after, created_at, changed_at)"
        " SELECT :id, 'older', 'Older', :state, id, :database, template_revision, 1, 9, :epoch, now(), now(), now()"
        " - interval '1 hour' FROM server RETURNING 1",
        id=OTHER,
        database=database,
        state=state,
        epoch=epoch,
    )


@pytest.mark.parametrize(
    ("belief", "label", "is_right"),
    [
        (SPARE, None, True),
        (SPARE, _label(), False),
        (LEFTOVER, _label(state="replaced"), False),
        (unfinished(COMPANY), None, True),
        (unfinished(COMPANY), _label(), False),
        (filling(COMPANY), _label(epoch=0, state="filling"), True),
        (filling(OTHER), _label(epoch=0, state="filling"), False),
        (filling(COMPANY), _label(), False),
        (replaced(COMPANY, 3), _label(state="replaced"), True),
        (replaced(COMPANY, 3), _label(), True),
        (replaced(COMPANY, 2), _label(), False),
        (replaced(COMPANY, 1), _label(state="replaced"), False),
        (replaced(COMPANY, None), _label(), False),
        (replaced(COMPANY, None), _label(state="replaced"), True),
        (deleted(COMPANY, 2), _label(state="deleting"), True),
        (deleted(COMPANY, 1), _label(), False),
        (deleted(OTHER, 2), _label(), False),
    ],
)
def test_a_label_that_says_otherwise_is_believed_first(installation, belief, label, is_right):
    provisioner = installation.provisioner
    database = new_id("t")
    provisioner.make_empty(database, COMPANY)
    installation.do("COMMENT ON DATABASE {} IS NULL", database)
    if label is not None:
        provisioner.label_database(database, label)
    if is_right:
        provisioner.drop_database(database, belief)
        assert installation.databases() == set()
        return
    with pytest.raises(Contradiction, match="It was left alone"):
        provisioner.drop_database(database, belief)
    assert installation.databases() == {database}


@pytest.mark.parametrize("belief", [SPARE, LEFTOVER, unfinished(OTHER), filling(OTHER), replaced(OTHER, 9)])
def test_a_database_with_another_companys_row_is_left_alone_and_stays_open(installation, company, belief):
    with pytest.raises(Contradiction):
        installation.provisioner.drop_database(company[1], belief)
    assert company[1] in installation.provisioner.inventory().open
    assert _is_there(installation, company)


def test_a_registration_that_people_have_worked_in_was_finished(installation, company):
    tenant_id, database = company
    installation.admin(WRITTEN, database=database)
    with pytest.raises(Contradiction, match="people have written in it"):
        installation.provisioner.drop_database(database, unfinished(tenant_id))


def test_nobody_is_served_a_database_that_another_one_replaced(installation, company):
    tenant_id, database = company
    address = address_of(installation, tenant_id)
    installation.provisioner.label_database(database, Label(tenant_id, 1, "replaced"))
    installation.broker.forget(address)
    with pytest.raises(Unavailable), installation.broker.begin(address) as session:
        session.connection()


@pytest.mark.parametrize(("epoch", "is_served"), [(1, True), (2, False)])
def test_nobody_is_served_a_database_that_is_newer_than_the_catalog(installation, company, epoch, is_served):
    tenant_id, database = company
    address = address_of(installation, tenant_id)
    installation.provisioner.label_database(database, Label(tenant_id, epoch, "active"))
    installation.broker.forget(address)
    if is_served:
        with installation.broker.reading(address) as reader:
            assert reader.rows is not None
        return
    with pytest.raises(Unavailable), installation.broker.begin(address) as session:
        session.connection()


@pytest.mark.parametrize(("company_id", "is_served"), [(OTHER, False), (None, True)])
def test_nobody_is_served_another_companys_database(installation, company, company_id, is_served):
    tenant_id, database = company
    installation.provisioner.label_database(database, Label(tenant_id, 1, "active"))
    with installation.catalog.reading() as reader:
        place = companies.find(reader, tenant_id)
    address = installation.addresses.of(place, company_id or tenant_id)
    if is_served:
        with installation.broker.begin(address) as session:
            session.connection()
        installation.broker.forget(address)
        return
    with pytest.raises(Unavailable), installation.broker.begin(address) as session:
        session.connection()


@pytest.mark.parametrize("belief", [replaced(COMPANY, 9), replaced(COMPANY, None), deleted(COMPANY, 9)])
def test_what_had_people_in_it_and_says_nothing_of_itself_is_kept(installation, belief):
    tenant_id = installation.registrar.register(new_company()).tenant_id
    database = address_of(installation, tenant_id).database
    with pytest.raises(Contradiction, match="no label"):
        installation.provisioner.drop_database(database, replace(belief, company_id=tenant_id))
    assert database in installation.provisioner.inventory().open


def test_rows_in_another_schema_are_somebodys_too(installation):
    database = new_id("t")
    installation.provisioner.make_database(database)
    installation.do("CREATE SCHEMA theirs; CREATE TABLE theirs.things AS SELECT 1", database=database)
    with pytest.raises(Contradiction, match="people have written in it"):
        installation.provisioner.drop_database(database, LEFTOVER)


def test_what_is_written_between_the_look_and_the_drop_is_not_lost(installation, company, monkeypatch):
    tenant_id, database = company
    # It is called after the first look, and before everybody is shut out.
    monkeypatch.setattr(
        "crmtenant.db.admin.provisioning.drop_subscriptions",
        lambda *_: installation.admin(WRITTEN, database=database),
    )
    with pytest.raises(Contradiction, match="people have written in it"):
        installation.provisioner.drop_database(database, unfinished(tenant_id))
    assert _is_there(installation, company)
    assert database in installation.provisioner.inventory().open


# Every road on which an older catalog would drop a newer company's database


def _claimed_as_a_spare(installation, database, _directory):
    _insert_spare(installation, database)
    registered = installation.registrar.register(new_company("Newcomer"))
    assert address_of(installation, registered.tenant_id).database != database


def _undone_registration(installation, database, _directory):
    _insert_tenant(installation, database, "failed")
    installation.reconciler(patience_seconds=0).reconcile()


def _outdated_spare(installation, database, _directory):
    _insert_spare(installation, database)
    installation.rows("UPDATE spare SET revision = 'older' RETURNING 1")
    installation.spares(0).top_up()


def _half_made_spare(installation, database, _directory):
    _insert_spare(installation, database, "making")
    installation.spares(0).top_up()


def _drained_server(installation, database, _directory):
    _insert_spare(installation, database)
    installation.spares(0).clear(installation.servers.home)


def _leftover(installation, _database, _directory):
    installation.reconciler(patience_seconds=0).reconcile()


def _purge(installation, database, _directory):
    _insert_tenant(installation, database, "deleting")
    with pytest.raises(OperatorError):
        installation.lifecycle().purge(OTHER, by="test", is_saved=False)


def _set_aside(purpose):
    def road(installation, database, directory):
        installation.rows(
            "INSERT INTO set_aside (database, server_id, tenant_id, purpose, drop_after, created_at)"
            " SELECT :database, id, :tenant, :purpose, :past, now() FROM server RETURNING 1",
            database=database,
            tenant=OTHER,
            purpose=purpose,
            past=now() - timedelta(hours=1),
        )
        installation.operations(directory).cleanup.sweep()

    return road


@pytest.mark.parametrize(
    "road",
    [
        _claimed_as_a_spare,
        _undone_registration,
        _outdated_spare,
        _half_made_spare,
        _drained_server,
        _leftover,
        _purge,
        *(_set_aside(purpose) for purpose in ("restoring", "retired", "moved")),
    ],
)
def test_no_road_drops_a_company_that_the_catalog_does_not_know(installation, company, road, tmp_path):
    _lose_the_catalogs_rows(installation)
    road(installation, company[1], tmp_path)
    assert _is_there(installation, company)


def test_a_spare_that_is_not_there_is_forgotten_and_the_registration_goes_on(installation):
    _insert_spare(installation, "t_" + "a" * 26)
    registered = installation.registrar.register(new_company())
    assert installation.company_rows(registered.tenant_id)
    assert installation.rows("SELECT * FROM spare") == []
