"""Companies on two servers: where new ones go, and what finds them there."""

import pytest

from crmtenant.db.admin.replication import major_version
from crmtenant.errors import Conflict, OperatorError, StorageFull
from crmtenant.services.fleet.server_space import SpaceWatch, read_space
from tests.integration.fleet.moves import rows_in, server_of
from tests.integration.installation import new_company
from tests.integration.saving import busy_company
from tests.integration.two_servers import (
    SECOND,
    empty,
    enlist,
    server_registry,
    weigh,
)


@pytest.fixture
def installation(two):
    yield two
    empty(two)


def test_new_companies_and_spares_go_where_there_is_weight(installation):
    installation.spares(1).top_up()
    assert installation.rows("SELECT count(DISTINCT server_id), count(*) FROM spare") == [(2, 2)]
    weigh(installation, main=0)
    made = [installation.registrar.register(new_company()) for _ in range(3)]
    assert {server_of(installation, one.tenant_id) for one in made} == {SECOND}
    assert rows_in(installation, made[0].tenant_id, "SELECT id FROM company") == [(made[0].tenant_id,)]
    assert installation.reconciler(patience_seconds=0).reconcile() == []


def test_a_full_or_drained_server_takes_nobody(installation):
    SpaceWatch(installation.catalog, installation.servers, lambda: None, None).measure()
    installation.rows(
        "UPDATE server SET capacity_bytes = 1, used_bytes = 1 WHERE name = 'second' RETURNING 1"
    )
    made = [installation.registrar.register(new_company()) for _ in range(4)]
    assert {server_of(installation, one.tenant_id) for one in made} == {"main"}
    weigh(installation, main=0)
    with pytest.raises(StorageFull, match="no room for another company"):
        installation.registrar.register(new_company())


def test_a_server_near_its_capacity_is_full_until_it_has_room_again(installation):
    """Nobody tells how large its disk is but the operator; databases and WAL are taken from that."""

    def measured(capacity_bytes):
        server_registry(installation).change(SECOND, {"capacity_bytes": capacity_bytes})
        watch = SpaceWatch(installation.catalog, installation.servers, lambda: 50, least_bytes=100)
        watch.measure()
        return {one.name: one for one in read_space(installation.catalog)}

    spaces = measured(10**13)
    used = 10**13 - spaces[SECOND].free_bytes
    assert used >= 16 << 20  # a segment of WAL at least
    assert (spaces[SECOND].is_full, spaces["main"].is_full, spaces["main"].free_bytes) == (False, True, 50)
    assert {installation.registrar.register(new_company()).tenant_id for _ in range(2)} <= {
        one.tenant_id for one in server_registry(installation).companies_on(SECOND)
    }
    assert measured(1)[SECOND].is_full
    with pytest.raises(StorageFull, match="no room for another company"):
        installation.registrar.register(new_company())
    assert measured(10**13)[SECOND].is_full is False
    assert installation.registrar.register(new_company()).slug


def test_servers_come_and_go(installation, another_server):
    enlister = server_registry(installation)
    with pytest.raises(OperatorError, match="was added already"):
        enlist(installation, another_server)
    with pytest.raises(Conflict, match="cannot be removed"):
        enlister.remove("main")
    weigh(installation, main=0)
    tenant_id = installation.registrar.register(new_company()).tenant_id
    with pytest.raises(Conflict, match="1 companies are on second"):
        enlister.remove(SECOND)
    with pytest.raises(Conflict, match="is the last server that takes new companies"):
        enlister.drain(SECOND)
    weigh(installation, main=1)
    installation.rows("UPDATE server SET capacity_bytes = 10, used_bytes = 9 WHERE name = 'main' RETURNING 1")
    with pytest.raises(Conflict, match="drained or full"):
        enlister.drain(SECOND)
    installation.rows("UPDATE server SET capacity_bytes = NULL WHERE name = 'main' RETURNING 1")
    enlister.drain(SECOND)
    (leaving,) = enlister.companies_on(SECOND)
    assert leaving.tenant_id == tenant_id
    assert leaving.size_bytes > 1_000_000
    assert [(one.name, one.companies, one.is_draining) for one in enlister.summaries()] == [
        ("main", 0, False),
        (SECOND, 1, True),
    ]


def test_backups_clones_and_migrations_find_a_company_on_any_server(installation, tmp_path):
    if len({major_version(server.address) for server in installation.servers.all()}) > 1:
        pytest.skip("what a newer PostgreSQL saved, an older one cannot restore")
    weigh(installation, main=0)
    tenant_id, _ = busy_company(installation)
    operations = installation.operations(tmp_path / "backups")
    path = operations.backups.make(tenant_id, by="test")
    operations.backups.prove(path)
    weigh(installation, main=100, second=0)
    arrived = operations.restorer.as_new(path, "Trial", is_neutral=True)
    assert server_of(installation, arrived.tenant_id) == "main"
    operations.restorer.into(path, tenant_id)
    assert server_of(installation, tenant_id) == SECOND
    operations.restorer.undo(tenant_id)
    assert installation.rows("SELECT is_neutral FROM tenant ORDER BY name") == [(False,), (True,)]
    assert {row[0] for row in rows_in(installation, tenant_id, "SELECT id FROM company")} == {tenant_id}
    assert installation.fleet().behind() == []


def test_the_catalogs_backup_is_proven_where_its_roles_are(installation, tmp_path):
    weigh(installation, main=0)
    backups = installation.operations(tmp_path / "backups").backups
    assert backups.prove(backups.make_catalog(by="test")).is_catalog


def test_a_server_that_cannot_be_reached_stops_none_of_the_others(installation, mover):
    weigh(installation, second=0)
    installation.rows(
        "INSERT INTO server (name, host, port, admin_user, weight, is_draining, created_at, changed_at)"
        " VALUES ('gone', '/nowhere', 5432, 'postgres', 1, false, now(), now()) RETURNING 1"
    )
    try:
        assert installation.reconciler(patience_seconds=0).reconcile() == []
        assert installation.registrar.register(new_company()).slug
    finally:
        installation.rows("DELETE FROM server WHERE name = 'gone' RETURNING 1")
