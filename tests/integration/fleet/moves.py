"""Where a company is, what is in its database, and what is left of a move when the worker has cleared up."""

from crmtenant.db.admin.replication import slot_of, subscribers
from tests.integration.saving import address_of


def rows_in(installation, tenant_id, query):
    connection = address_of(installation, tenant_id).connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    connection.close()
    return found


def server_of(installation, tenant_id):
    ((name,),) = installation.rows(
        "SELECT server.name FROM tenant JOIN server ON server.id = server_id WHERE tenant.id = :id",
        id=tenant_id,
    )
    return name


def settle(installation, mover):
    """What the worker does within minutes, at once."""
    mover.release()
    assert installation.rows("SELECT 1 FROM tenant WHERE migrating_until IS NOT NULL") == []
    mover.sweep()
    installation.reconciler(patience_seconds=0).reconcile()


def clear_up(installation, mover):
    """What the worker does when the time of all that was being filled has come, at once."""
    settle(installation, mover)
    for (database,) in installation.rows("SELECT database FROM set_aside WHERE purpose = 'restoring'"):
        mover._retained.drop(database)
    settle(installation, mover)


def assert_nothing_is_left_over(installation):
    known = {name for (name,) in installation.rows("SELECT database FROM tenant")}
    kept = {name for (name,) in installation.rows("SELECT database FROM set_aside WHERE purpose = 'moved'")}
    assert installation.rows("SELECT 1 FROM set_aside WHERE purpose <> 'moved'") == []
    found = set()
    for server in installation.servers.all():
        inventory = server.provisioner.inventory()
        assert inventory.databases == inventory.roles
        assert not inventory.open & kept
        found |= inventory.databases
        connection = server.address.admin().connect()
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT slot_name FROM pg_replication_slots")
            ours = slot_of("", installation.names)
            assert [slot for (slot,) in cursor.fetchall() if slot.startswith(ours)] == []
        assert subscribers(server.address, installation.names) == []
        connection.close()
    assert found == known | kept
