"""Advisory locks are held as long as their session."""

from crmtenant import advisory_locks
from crmtenant.db.admin.connection import administering


def test_a_turn_outlives_nothing_but_its_session(installation):
    lock = advisory_locks.of_installation(installation.names.catalog, advisory_locks.MAINTENANCE)
    with (
        installation.servers.try_lock(advisory_locks.MAINTENANCE) as first,
        installation.servers.try_lock(advisory_locks.MAINTENANCE) as second,
    ):
        assert (first, second) == (True, False)
    with administering(installation.server.admin()) as admin:
        assert admin.try_lock(lock)
