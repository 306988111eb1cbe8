"""What somebody did to a company's database or role by hand, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering

if TYPE_CHECKING:
    from crmtenant.db.pool.address import ServerAddress


def harden(server: ServerAddress, role: str, strangers: tuple[str, ...]) -> None:
    """Nothing comes back; the role has no right beyond a company's, and is in none of the strange groups."""
    with administering(server.admin()) as admin:
        is_superuser = admin.is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        beyond = " NOSUPERUSER NOREPLICATION NOBYPASSRLS" if is_superuser else ""
        admin.run(statements.statement("ALTER ROLE {} NOCREATEDB NOCREATEROLE" + beyond, role))
        for group in strangers:
            admin.run(statements.statement("REVOKE {} FROM {}", group, role))


def lock_out(server: ServerAddress, database: str, strangers: tuple[str, ...]) -> None:
    """Nothing comes back; these roles may not connect to the database any more, nor may PUBLIC."""
    with administering(server.admin()) as admin:
        admin.run(statements.statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))
        for role in strangers:
            if role != "PUBLIC":
                admin.run(statements.statement("REVOKE ALL ON DATABASE {} FROM {}", database, role))


def lift_limit(server: ServerAddress, database: str) -> None:
    """Nothing comes back; the database takes as many connections as its role may have."""
    with administering(server.admin()) as admin:
        admin.run(statements.statement("ALTER DATABASE {} CONNECTION LIMIT -1", database))
