"""Which rows differ between two databases of one company: counted per table, in constant memory.

Rows are compared by their columns of version and change where a table has them, since a migration rewrites others; elsewhere
by all columns that both tables have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg2 import sql

from crmtenant.db.admin.checksums import TEXT_FORM

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress

_OPTIONS = f"{TEXT_FORM} -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=30s"
_ROWS_AT_ONCE = 5000
_CHANGE_COLUMNS = frozenset({"version", "updated_at"})
_TABLES = """
    SELECT relname,
           ARRAY(SELECT attname::text FROM pg_attribute
                 WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped ORDER BY attname),
           ARRAY(SELECT attname::text FROM pg_index JOIN pg_attribute
                 ON attrelid = indrelid AND attnum = ANY (indkey)
                 WHERE indrelid = pg_class.oid AND indisprimary ORDER BY attname)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""
_ROWS = """
    SELECT ROW({})::text COLLATE "C", hashtextextended(ROW({})::text, 0) FROM ONLY public.{} ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class TableChanges:
    """How many rows of a table were added, changed and deleted."""

    table: str
    added: int
    changed: int
    deleted: int


@dataclass(frozen=True, slots=True)
class _Table:
    columns: frozenset[str]
    key: tuple[str, ...]


_NO_TABLE = _Table(frozenset(), ())


def row_changes(before: DatabaseAddress, after: DatabaseAddress) -> list[TableChanges]:
    """Return the tables whose rows differ, by name. Where only one has a table, all its rows differ."""
    with ExitStack() as stack:
        earlier, later = (stack.enter_context(closing(_connect(address))) for address in (before, after))
        tables = [_tables(connection) for connection in (earlier, later)]
        compared = (
            _compare(name, earlier, later, *(found.get(name, _NO_TABLE) for found in tables))
            for name in sorted(tables[0].keys() | tables[1].keys())
        )
        return [table for table in compared if table.added or table.changed or table.deleted]


def _connect(address: DatabaseAddress) -> Any:
    connection = address.connect(application_name="crmtenant comparison", options=_OPTIONS)
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    return connection


def _tables(connection: Any) -> dict[str, _Table]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return {name: _Table(frozenset(columns), tuple(key)) for name, columns, key in cursor.fetchall()}


def _compare(name: str, earlier: Any, later: Any, before: _Table, after: _Table) -> TableChanges:
    common = (before.columns & after.columns) or before.columns | after.columns
    is_keyed = before.key == after.key or _NO_TABLE in {before, after}
    key = (before.key or after.key) if is_keyed else ()
    # Without a key of both, a row that was changed is one that went and one that came.
    columns = tuple(key) or tuple(sorted(common))
    stamp = tuple(sorted(common & _CHANGE_COLUMNS)) or tuple(sorted(common))
    return _merge(
        name,
        _rows(earlier, name, columns, stamp) if before.columns else iter(()),
        _rows(later, name, columns, stamp) if after.columns else iter(()),
    )


def _rows(
    connection: Any, table: str, key: tuple[str, ...], stamp: tuple[str, ...]
) -> Iterator[tuple[str, int]]:
    with connection.cursor(f"rows of {table}") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(sql.SQL(_ROWS).format(_listed(key), _listed(stamp), sql.Identifier(table)))
        yield from cursor


def _listed(columns: tuple[str, ...]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _merge(table: str, before: Iterator[tuple[str, int]], after: Iterator[tuple[str, int]]) -> TableChanges:
    """Compare two ordered sequences of keys with hashes; keys are in the order of their code points."""
    added = changed = deleted = 0
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[0] < new[0]):
            deleted += 1
            old = next(before, None)
        elif old is None or new[0] < old[0]:
            added += 1
            new = next(after, None)
        else:
            changed += old[1] != new[1]
            old, new = next(before, None), next(after, None)
    return TableChanges(table, added, changed, deleted)
