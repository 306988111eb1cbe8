"""Runs Alembic's revisions on the catalog and on companies' databases in this process.

To write a new revision:
`alembic.command.revision(migration_config("tenant"), "what it does", rev_id="0002")`.
"""

from __future__ import annotations

import functools
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from alembic import command, context
from alembic.config import Config
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.script import ScriptDirectory
from psycopg2 import OperationalError
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import DDLElement

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.errors import OperatorError, sentence

Kind = Literal["catalog", "tenant"]

_SCRIPTS = Path(__file__).parents[2] / "migrations"

# Alembic's `op` and `context` are global, so only one thread may use them.
alembic_lock = threading.Lock()


class _VerbatimImpl(PostgresqlImpl):
    """Renders statements as they are executed: Alembic's own replaces every tab, also those within texts."""

    __dialect__ = "postgresql"

    def _exec(
        self, construct: Any, execution_options: Any = None, multiparams: Any = None, params: Any = None
    ) -> Any:
        if not self.as_sql:
            return super()._exec(construct, execution_options, multiparams, params or {})
        if multiparams or params:
            raise TypeError("a statement with parameters cannot be rendered")
        statement = text(construct) if isinstance(construct, str) else construct
        literals = {} if isinstance(statement, DDLElement) else {"literal_binds": True}
        compiled = statement.compile(dialect=self.dialect, compile_kwargs=literals)
        self.static_output(str(compiled).strip() + self.command_terminator)
        return None


def migration_config(kind: Kind) -> Config:
    """Return Alembic's configuration for this kind of database."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS / kind).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@functools.cache
def head(kind: Kind) -> str:
    """Return the newest schema revision of this release, such as `0001`."""
    with alembic_lock:
        revision = ScriptDirectory.from_config(migration_config(kind)).get_current_head()
    assert revision is not None
    return revision


@functools.cache
def revisions(kind: Kind) -> tuple[str, ...]:
    """Return all schema revisions of this release, the oldest first."""
    with alembic_lock:
        scripts = ScriptDirectory.from_config(migration_config(kind))
        return tuple(script.revision for script in scripts.walk_revisions())[::-1]


@functools.cache
def served_revisions() -> tuple[str, ...]:
    """Return the schema revisions at which this release can serve a company, the newest first.

    A revision with `is_served_without = True` adds nothing that requests need yet, so companies at the revision
    before it are served too.
    """
    served = [head("tenant")]
    with alembic_lock:
        for script in ScriptDirectory.from_config(migration_config("tenant")).walk_revisions():
            if script.down_revision is None or not getattr(script.module, "is_served_without", False):
                break
            served.append(str(script.down_revision))
    return tuple(served)


def upgrade(
    address: DatabaseAddress,
    kind: Kind,
    *,
    owner: str,
    writer: str,
    revision: str = "head",
    lock_timeout_seconds: int = 0,
) -> None:
    """Migrate the database to this revision, wholly or not at all.

    `owner` becomes the owner of everything created, so the address's user must be allowed to SET ROLE to it.
    `writer` may read and write rows. A lock is awaited for `lock_timeout_seconds` (0: without limit).
    """
    config = migration_config(kind)
    connect = functools.partial(address.connect, options=f"-c lock_timeout={lock_timeout_seconds}s")
    engine = create_engine("postgresql+psycopg2://", creator=connect, poolclass=NullPool)
    with alembic_lock, engine.connect() as connection:
        config.attributes.update(connection=connection, owner=owner, writer=writer)
        command.upgrade(config, revision)


def check_catalog(address: DatabaseAddress) -> None:
    """Raise `OperatorError` unless this release can use the catalog.

    It can use a newer catalog: changes of the catalog are compatible with the release before.
    """
    try:
        connecting = closing(address.connect())
    except OperationalError as problem:
        raise OperatorError(f"The catalog cannot be reached: {sentence(problem)}") from None
    with connecting as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version_num FROM alembic_version")
        (found,) = cursor.fetchone()
    if found < head("catalog"):
        raise OperatorError(
            f"The catalog is at schema revision {found}, but this release needs {head('catalog')};"
            " start this release's worker first."
        )


def run_environment(metadata: MetaData) -> None:
    """Run the requested revisions. This is the body of each env.py.

    In offline mode (`alembic upgrade --sql`, with `-x owner=... -x writer=...`) they are printed instead.
    """
    if context.is_offline_mode():
        # A script that is replayed in a transaction must not contain one of its own.
        is_transactional = not context.config.attributes.get("is_rendered", False)
        context.configure(
            dialect_name="postgresql",
            # psycopg2's own style doubles every percent sign, for parameters that a script does not have.
            dialect_opts={"paramstyle": "named"},
            target_metadata=metadata,
            literal_binds=True,
            transactional_ddl=is_transactional,
        )
    else:
        context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.execute(f"SET LOCAL ROLE {role('owner')}")
        context.run_migrations()


def role(which: Literal["owner", "writer"]) -> str:
    """Return the role given to the running migration as owner or writer, quoted for SQL."""
    name = context.config.attributes.get(which) or context.get_x_argument(as_dictionary=True)[which]
    return context.get_context().dialect.identifier_preparer.quote(name)
