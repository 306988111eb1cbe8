"""The schema of a company at the first revision, written by one script: Alembic takes half a second for each database."""

from __future__ import annotations

import functools
import io

from alembic import command

from crmtenant.db.schema.migrations import alembic_lock, migration_config
from tests.integration.installation import Installation

OLD = "0001"


def bring_back(installation: Installation, database: str) -> None:
    """Give the database the first revision's tables, empty, in place of its own."""
    names = installation.names
    installation.do(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner", database=database
    )
    installation.admin(f"{_script(names.owner, names.rw)}; SELECT 1", database=database)


@functools.cache
def _script(owner: str, writer: str) -> str:
    config, script = migration_config("tenant"), io.StringIO()
    config.output_buffer = script
    config.attributes.update(owner=owner, writer=writer, is_rendered=True)
    with alembic_lock:
        command.upgrade(config, OLD, sql=True)
    return script.getvalue()
