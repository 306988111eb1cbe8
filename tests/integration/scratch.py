"""An empty database for as long as somebody needs one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress


@contextmanager
def scratch_database(server: ServerAddress, prefix: str) -> Iterator[DatabaseAddress]:
    """Its address, seen by the administrator; the database is gone afterwards."""
    name = f"{prefix}_{secrets.token_hex(6)}"
    with administering(server.admin()) as admin:
        admin.run(statements.statement("CREATE DATABASE {}", name))
    yield server.admin(name)
    with administering(server.admin()) as admin:
        statements.drop(admin, name)
