"""Running Alembic's revisions on the catalog and on a company's database, within this process.

To write a new revision:
`alembic.command.revision(migration_config("tenant"), "what it does", rev_id="0002")`.
"""

from __future__ import annotations

import functools
import threading
from contextlib import closing
from pathlib import Path
from typing import Literal

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg2 import OperationalError
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.errors import OperatorError, sentence

Kind = Literal["catalog", "tenant"]

_SCRIPTS = Path(__file__).parents[2] / "migrations"

# alembic's `op` and `context` stand for one migration in the whole process; two threads would mix theirs up.
one_at_a_time = threading.Lock()


def migration_config(kind: Kind) -> Config:
    """What Alembic needs to know to work on this kind of database."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS / kind).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@functools.cache
def head(kind: Kind) -> str:
    """The newest schema revision this code knows, such as `0001`."""
    with one_at_a_time:
        revision = ScriptDirectory.from_config(migration_config(kind)).get_current_head()
    assert revision is not None
    return revision


@functools.cache
def revisions(kind: Kind) -> tuple[str, ...]:
    """Every schema revision this code knows, the first one first."""
    with one_at_a_time:
        scripts = ScriptDirectory.from_config(migration_config(kind))
        return tuple(script.revision for script in scripts.walk_revisions())[::-1]


@functools.cache
def served_revisions() -> tuple[str, ...]:
    """The schema revisions at which this code serves a company, the newest first.

    Its own, and each one before that the revision after it says this code can do without, by
    `is_served_without = True`: what it adds is not needed for any request yet.
    """
    served = [head("tenant")]
    with one_at_a_time:
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
    """Nothing comes back; the database is at this revision, wholly or not at all.

    `owner` becomes the owner of everything made, so the address's user must be allowed to SET ROLE to it.
    `writer` gets to read and write rows. Whoever holds a table up for longer than `lock_timeout_seconds` (0: for
    however long) is not waited for.
    """
    config = migration_config(kind)
    connect = functools.partial(address.connect, options=f"-c lock_timeout={lock_timeout_seconds}s")
    engine = create_engine("postgresql+psycopg2://", creator=connect, poolclass=NullPool)
    with one_at_a_time, engine.connect() as connection:
        config.attributes.update(connection=connection, owner=owner, writer=writer)
        command.upgrade(config, revision)


def check_catalog(address: DatabaseAddress) -> None:
    """Nothing comes back if the catalog can be worked with by this code; `OperatorError` says why not.

    A newer one can: changes of the catalog suit the release before.
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
            f"The catalog is at schema revision {found}, this release needs {head('catalog')};"
            " start this release's worker first."
        )


def run_environment(metadata: MetaData) -> None:
    """Nothing comes back; the revisions Alembic was asked for have run. The body of each env.py.

    Offline (`alembic upgrade --sql`, with `-x owner=... -x writer=...`) they are printed instead.
    """
    if context.is_offline_mode():
        # Rendered to be replayed inside a transaction, the script must not hold one of its own.
        is_whole = not context.config.attributes.get("is_rendered", False)
        context.configure(
            dialect_name="postgresql",
            target_metadata=metadata,
            literal_binds=True,
            transactional_ddl=is_whole,
        )
    else:
        context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.execute(f"SET LOCAL ROLE {role('owner')}")
        context.run_migrations()


def role(which: Literal["owner", "writer"]) -> str:
    """The name of the role that the running migration was given as owner or writer, quoted for SQL."""
    name = context.config.attributes.get(which) or context.get_x_argument(as_dictionary=True)[which]
    return context.get_context().dialect.identifier_preparer.quote(name)
