"""After whatever went wrong, the server agrees with the catalog again, and nothing of value was lost."""

import pytest

from crmtenant import advisory_locks
from crmtenant.db.admin import statements
from crmtenant.errors import Unavailable
from crmtenant.ids import new_id
from crmtenant.services.jobs.reconciler import MAX_ATTEMPTS, Discrepancy
from crmtenant.services.tenants.registration import Registrar
from tests.dropping import ANYTHING
from tests.integration.installation import new_company
from tests.integration.killing import wait_until_its_lock_is_free


@pytest.fixture
def broken_off(installation, monkeypatch):
    """Registers a company up to its seed and no further; gives its id, database and request."""
    request = new_company()
    with monkeypatch.context() as patch:
        patch.setattr(Registrar, "_seed", _fail)
        with pytest.raises(Unavailable):
            installation.registrar.register(request)
    ((tenant_id, database),) = installation.rows("SELECT id, database FROM tenant")
    return tenant_id, database, request


def _fail(*_):
    raise Unavailable


def _reconcile(installation, **options):
    # PostgreSQL may still be ending the session of whoever failed before.
    wait_until_its_lock_is_free(installation, advisory_locks.MAINTENANCE)
    return installation.reconciler(**{"patience_seconds": 0, **options}).reconcile()


def test_a_sound_installation_is_left_alone(installation):
    installation.spares(1).top_up()
    installation.registrar.register(new_company())
    before = _databases(installation)
    assert _reconcile(installation) == []
    assert _databases(installation) == before


def _databases(installation):
    return installation.admin(
        "SELECT oid, datname, datallowconn, datacl::text FROM pg_database "
        "WHERE datdba = %s::regrole ORDER BY 1",
        installation.names.owner,
    )


def test_a_registration_that_may_still_be_going_on_is_left_alone(installation, broken_off):
    assert _reconcile(installation, patience_seconds=60) == []
    assert installation.rows("SELECT state, attempts FROM tenant") == [("provisioning", 0)]


def test_a_registration_that_broke_off_is_finished(installation, broken_off):
    tenant_id, _, _ = broken_off
    assert _reconcile(installation) == [Discrepancy("company", tenant_id, "finished")]
    installation.assert_no_orphans()


def test_a_registration_that_cannot_be_finished_is_undone_and_the_address_is_free_again(
    installation, broken_off, monkeypatch
):
    tenant_id, _, request = broken_off
    with monkeypatch.context() as patch:
        patch.setattr(Registrar, "_seed", _fail)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert _reconcile(installation) == [Discrepancy("company", tenant_id, "not_finished")]
            assert installation.rows("SELECT attempts FROM tenant") == [(attempt,)]
        assert _reconcile(installation) == [Discrepancy("company", tenant_id, "undone")]
    assert installation.databases() == installation.roles() == set()
    for table in ("tenant", "login", "user_company_map", "registration"):
        assert installation.rows(f"SELECT 1 FROM {table}") == []
    installation.registrar.register(request)
    installation.assert_no_orphans()


def test_undoing_that_broke_off_is_undone_the_next_time(installation, broken_off, monkeypatch):
    tenant_id, _, _ = broken_off
    installation.rows("UPDATE tenant SET attempts = 5 RETURNING 1")
    with monkeypatch.context() as patch:
        patch.setattr(installation.provisioner, "drop_database", _fail)
        assert _reconcile(installation)[0] == Discrepancy("company", tenant_id, "not_finished")
    assert installation.rows("SELECT state FROM tenant") == [("failed",)]
    assert _reconcile(installation)[0] == Discrepancy("company", tenant_id, "undone")
    assert installation.databases() == set()


def test_a_founder_who_belongs_to_another_company_too_keeps_the_login(installation, broken_off):
    tenant_id, _, request = broken_off
    other = installation.registrar.register(new_company())
    installation.rows(
        "INSERT INTO user_company_map SELECT login_id, :other, 'member', 'active', now(), now() "
        "FROM user_company_map WHERE tenant_id = :mine RETURNING 1",
        other=other.tenant_id,
        mine=tenant_id,
    )
    installation.rows("UPDATE tenant SET attempts = 5 WHERE id = :id RETURNING 1", id=tenant_id)
    _reconcile(installation)
    assert len(installation.rows("SELECT 1 FROM login WHERE email_key = :key", key=request.email_key)) == 1
    assert installation.rows("SELECT id FROM tenant") == [(other.tenant_id,)]


def test_one_company_in_trouble_does_not_keep_the_next_from_its_turn(installation, broken_off, monkeypatch):
    first, _, _ = broken_off
    real = Registrar._seed

    def fail_for_all(registrar, founding):
        raise Unavailable

    def fail_for_first(registrar, founding):
        if founding.tenant_id == first:
            raise Unavailable
        real(registrar, founding)

    with monkeypatch.context() as patch:
        patch.setattr(Registrar, "_seed", fail_for_all)
        with pytest.raises(Unavailable):
            installation.registrar.register(new_company())
        patch.setattr(Registrar, "_seed", fail_for_first)
        outcomes = [finding.outcome for finding in _reconcile(installation)]
    assert outcomes == ["not_finished", "finished"]


def test_a_database_nobody_knows_and_nobody_used_is_dropped(installation):
    orphan = new_id("t")
    installation.provisioner.make_database(orphan)
    assert _reconcile(installation) == [Discrepancy("database", orphan, "dropped")]
    assert installation.databases() == installation.roles() == set()


def test_a_copy_nobody_knows_that_was_never_opened_is_dropped(installation, monkeypatch):
    orphan = new_id("t")
    with monkeypatch.context() as patch:
        patch.setattr(statements, "open_to", _fail)
        with pytest.raises(Unavailable):
            installation.provisioner.make_database(orphan)
    assert installation.databases() == {orphan}
    assert _reconcile(installation) == [Discrepancy("database", orphan, "dropped")]


def test_a_companys_database_is_never_dropped_even_if_the_catalog_forgot_it(installation):
    registered = installation.registrar.register(new_company())
    ((database,),) = installation.rows("DELETE FROM tenant RETURNING database")
    installation.broker.forget(installation.provisioner.tenant_address(database, 1))
    assert _reconcile(installation) == [Discrepancy("database", database, "kept")]
    connection = installation.provisioner.tenant_address(database, 1).connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM company")
        assert cursor.fetchall() == [(registered.tenant_id,)]
    connection.close()


def test_a_database_it_cannot_look_into_is_kept(installation):
    orphan = new_id("t")
    installation.provisioner.make_database(orphan)
    installation.do("DROP TABLE company", database=orphan)
    assert _reconcile(installation) == [Discrepancy("database", orphan, "kept")]
    assert installation.databases() == {orphan}


def test_a_role_without_database_and_company_is_dropped(installation):
    orphan = new_id("t")
    installation.provisioner.make_database(orphan)
    installation.do("DROP DATABASE {}", orphan)
    assert _reconcile(installation) == [Discrepancy("role", orphan, "dropped")]
    assert installation.roles() == set()


@pytest.mark.parametrize("is_known", [False, True])
def test_a_database_whose_drop_was_interrupted_is_dropped_or_made_again(installation, broken_off, is_known):
    tenant_id, database, _ = broken_off
    if not is_known:
        installation.rows("DELETE FROM tenant RETURNING 1")
        installation.rows("DELETE FROM login RETURNING 1")
    installation.do(f"UPDATE pg_database SET datconnlimit = -2 WHERE datname = '{database}'")
    expected = ("company", tenant_id, "finished") if is_known else ("database", database, "dropped")
    assert _reconcile(installation) == [Discrepancy(*expected)]
    installation.assert_no_orphans()


@pytest.mark.parametrize("state", ["active", "suspended"])
def test_a_company_whose_database_is_missing_is_reported(installation, state):
    installation.registrar.register(new_company())
    ((database,),) = installation.rows(f"UPDATE tenant SET state = '{state}' RETURNING database")
    installation.broker.forget(installation.provisioner.tenant_address(database, 1))
    installation.provisioner.drop_database(database, ANYTHING)
    assert _reconcile(installation) == [Discrepancy("database", database, "missing")]
    assert installation.rows("SELECT state FROM tenant") == [(state,)]


def test_a_spare_that_was_being_made_is_finished(installation, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(installation.provisioner, "warm", _fail)
        with pytest.raises(Unavailable):
            installation.spares(1).top_up()
    ((database,),) = installation.rows("SELECT database FROM spare WHERE state = 'making'")
    assert _reconcile(installation) == [Discrepancy("spare", database, "finished")]
    installation.assert_no_orphans()


def test_another_installation_on_the_server_is_not_touched(installation, installations):
    other = installations()
    other.set_up()
    orphan, company = new_id("t"), other.registrar.register(new_company())
    other.provisioner.make_database(orphan)
    assert _reconcile(installation) == []
    assert len(other.databases()) == 2
    assert other.company_rows(company.tenant_id)


def test_nothing_is_done_while_another_process_is_at_it(installation, broken_off):
    with installation.servers.try_lock(advisory_locks.MAINTENANCE):
        assert installation.reconciler(patience_seconds=0).reconcile() == []
    assert installation.rows("SELECT attempts FROM tenant") == [(0,)]
