"""Statements that a connection keeps prepared: PostgreSQL parses and plans them once, not at every request (ADR 29).

A prepared statement lives and dies with its connection, which belongs to one database and one role. Only statements
whose plan is the same for all values should be prepared: PostgreSQL soon stops planning them for the values given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.errors import DuplicatePreparedStatement
from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.types import NullType, TypeDecorator

from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.connection import PooledConnection

MAX_PREPARED = 12
"""Statements that a connection keeps. A list of all fields takes 120 kB of its process of PostgreSQL."""

#: The statement is no longer there (DISCARD, or a pooler that changes connections), or since a migration its columns
#: are of other types, for which PostgreSQL has no code of its own.
_LOST = frozenset({"26000", "0A000"})
_PARAMETER = re.compile(r"%%|%\(([^)]+)\)s")

_DIALECT: Dialect = PGDialect_psycopg2()  # type: ignore[no-untyped-call]


Step = tuple[Executable, Mapping[str, Any]]
"""A statement and its values."""


class PreparedStatementLost(Unavailable):
    """A statement is prepared otherwise than we know. Its connection, and a transaction in it, is of no more use."""


@dataclass(frozen=True, eq=False, slots=True)
class Compiled:
    """A statement as SQL for psycopg2, and how it is prepared and executed under its name.

    `own` are the values that the statement itself sets; prepared, they are part of it. `adapters` convert values as
    their columns' types ask for.
    """

    text: str
    own: Mapping[str, Any]
    preparation: str
    execution: str
    name: str
    adapters: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def adapted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values as psycopg2 takes them for columns of these types."""
        adapters = self.adapters
        return {name: adapters[name](value) if name in adapters else value for name, value in values.items()}


@lru_cache(maxsize=4096)
def compiled(statement: Executable) -> Compiled:
    """Return the statement, compiled once a process. A value that nobody gives is an error when it is executed."""
    sql = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    own = {name: sql.params[name] for bind, name in sql.bind_names.items() if not bind.required}
    binds = {name: bind for bind, name in sql.bind_names.items() if name not in own}
    definition = f"{_listed(map(_type_of, binds.values()))} AS {_numbered(sql.string, binds)}"
    name = _name_of(definition, own)
    return Compiled(
        text=sql.string,
        own=own,
        preparation=f"PREPARE {name}{definition}",
        execution=f"EXECUTE {name}{_listed(f'%({bind})s' for bind in binds)}",
        name=name,
        adapters=dict(_adapters(binds)),
    )


def execute(
    connection: PooledConnection, cursor: Any, statement: Compiled, values: Mapping[str, Any]
) -> None:
    """Execute the statement, prepared on the connection first if it is not yet: one round trip in either case.

    Raises: `PreparedStatementLost`.
    """
    _execute_together(connection, cursor, [statement], values)


def execute_in(
    session: Session, statement: Executable, values: Mapping[str, Any], *following: Step
) -> tuple[Any, ...] | None:
    """Execute the statement in the session's transaction, past SQLAlchemy's bookkeeping, and return its first row.

    `following` are executed after it in the same round trip, each seeing what was committed until then; then the row
    is the last one's. No two of them have parameters of the same name.

    Raises: `PreparedStatementLost`.
    """
    known = [compiled(statement), *(compiled(one) for one, _ in following)]
    adapted: dict[str, Any] = {}
    for one, own in zip(known, (values, *(given for _, given in following)), strict=True):
        adapted |= one.adapted(own)
    connection: Any = session.connection().connection.dbapi_connection
    with connection.cursor() as cursor:
        _execute_together(connection, cursor, known, adapted)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _execute_together(
    connection: PooledConnection, cursor: Any, statements: Sequence[Compiled], values: Mapping[str, Any]
) -> None:
    kept, names = connection.prepared, [one.name for one in statements]
    new = [one for one in statements if one.name not in kept]
    too_many = max(0, len(kept) + len(new) - MAX_PREPARED) if new else 0
    forgotten = [name for name in kept if name not in names][:too_many]
    steps = [
        *(f"DEALLOCATE {name}" for name in forgotten),
        *(one.preparation for one in new),
        *(one.execution for one in statements),
    ]
    own = {name: value for one in new for name, value in one.own.items()}
    try:
        cursor.execute("; ".join(steps), {**own, **values})
    except psycopg2.Error as failure:
        is_lost = isinstance(failure, DuplicatePreparedStatement) or failure.pgcode in _LOST
        # New ones may be prepared now, although an execution failed.
        connection.is_doomed = connection.is_doomed or bool(new) or is_lost
        if is_lost:
            raise PreparedStatementLost(retry_after_seconds=1) from failure
        raise
    if new:
        remaining = [name for name in kept if name not in forgotten]
        connection.prepared = [*remaining, *(one.name for one in new)]


def _name_of(definition: str, own: Mapping[str, Any]) -> str:
    """Return a name that no other statement has, in no process: a pooler may give their connections to each other."""
    return f"s_{blake2b(f'{definition}{own}'.encode(), digest_size=12).hexdigest()}"


def _numbered(sql: str, names: Iterable[str]) -> str:
    """Return the SQL with $1, $2 ... for these parameters."""
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    return _PARAMETER.sub(lambda found: numbers.get(found[1], found[0]), sql)


def _listed(parts: Iterable[str]) -> str:
    listed = ", ".join(parts)
    return f"({listed})" if listed else ""


def _type_of(bind: Any) -> str:
    """Return the parameter's type; PostgreSQL finds those that are unknown by where they are used."""
    if isinstance(bind.type, NullType | TypeDecorator):
        return "unknown"
    name: str = _DIALECT.type_compiler_instance.process(bind.type)
    return name.partition(" COLLATE ")[0]  # which is the column's


def _adapters(binds: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    for name, bind in binds.items():
        adapter = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        if adapter is not None:
            yield name, adapter
