"""An empty database for as long as somebody needs one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from crmtenant.db import databases
from crmtenant.db.address import DatabaseAddress, ServerAddress
from crmtenant.db.administration import administering


@contextmanager
def scratch_database(server: ServerAddress, prefix: str) -> Iterator[DatabaseAddress]:
    """Its address, seen by the administrator; the database is gone afterwards."""
    name = f"{prefix}_{secrets.token_hex(6)}"
    with administering(server.admin()) as admin:
        admin.run(databases.statement("CREATE DATABASE {}", name))
    yield server.admin(name)
    with administering(server.admin()) as admin:
        databases.drop(admin, name)
