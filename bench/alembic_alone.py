"""`python -m bench.alembic_alone HOST PORT DATABASE USER OWNER WRITER`: Alembic as its own command works, a process
for each company."""

from __future__ import annotations

import sys

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.db.schema.migrations import upgrade

if __name__ == "__main__":
    host, port, database, user, owner, writer = sys.argv[1:]
    upgrade(DatabaseAddress(host, int(port), database, user), "tenant", owner=owner, writer=writer)
