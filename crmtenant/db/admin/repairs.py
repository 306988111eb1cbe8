"""Undoes manual changes to a company's database or role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering

if TYPE_CHECKING:
    from crmtenant.db.pool.address import ServerAddress


def harden(server: ServerAddress, role: str, foreign_roles: tuple[str, ...]) -> None:
    """Take the rights that a company's role must not have, and its membership in the foreign groups."""
    with administering(server.admin()) as admin:
        is_superuser = admin.is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        attributes = " NOSUPERUSER NOREPLICATION NOBYPASSRLS" if is_superuser else ""
        admin.run(statements.statement("ALTER ROLE {} NOCREATEDB NOCREATEROLE" + attributes, role))
        for group in foreign_roles:
            admin.run(statements.statement("REVOKE {} FROM {}", group, role))


def revoke_connect(server: ServerAddress, database: str, foreign_roles: tuple[str, ...]) -> None:
    """Revoke the right to connect to the database from the foreign roles and from PUBLIC."""
    with administering(server.admin()) as admin:
        admin.run(statements.statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))
        for role in foreign_roles:
            if role != "PUBLIC":
                admin.run(statements.statement("REVOKE ALL ON DATABASE {} FROM {}", database, role))


def remove_connection_limit(server: ServerAddress, database: str) -> None:
    """Remove the connection limit of the database."""
    with administering(server.admin()) as admin:
        admin.run(statements.statement("ALTER DATABASE {} CONNECTION LIMIT -1", database))
