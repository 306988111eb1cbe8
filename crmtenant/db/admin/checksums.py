"""Describes the contents of a company's database so that two databases can be compared.

A table's checksum is the sums of two hashes of each row's text, so it does not depend on the order of the rows.
It shows whether a restored table equals the saved one. It does not protect against tampering; the SHA-256 of the
dump does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

#: Connection options with which the text of a value does not depend on the server's settings.
TEXT_FORM = (
    "-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=iso_8601 -c bytea_output=hex"
    " -c extra_float_digits=1 -c search_path=pg_catalog"
)

_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""
# Privileges that were granted and revoked again are spelled out; restored, they are the default that is not.
_ACCESS = """
    SELECT relname, pg_get_userbyid(relowner) || ' ' || coalesce(
        (SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest(
            nullif(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) AS item), '')
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
    UNION ALL
    SELECT 'schema public', coalesce(
        (SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest(nspacl) AS item), '')
    FROM pg_namespace WHERE nspname = 'public'
    ORDER BY 1
"""
_SEQUENCES = """
    SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1
"""
_FACTS = """
    SELECT count(*), coalesce(sum(hashtextextended(line, 0)::numeric), 0)::text
           || ':' || coalesce(sum(hashtextextended(line, 1)::numeric), 0)::text
    FROM (SELECT (t.*)::text COLLATE "C" AS line FROM ONLY public.{} AS t OFFSET 0) AS lines
"""
_PRIVILEGES = re.compile(r"=[A-Za-z*]*/")
_OWNED = """
    SELECT sequence.relname, owner.relname, attname
    FROM pg_depend
    JOIN pg_class AS sequence ON sequence.oid = objid AND sequence.relkind = 'S'
    JOIN pg_class AS owner ON owner.oid = refobjid AND owner.relnamespace = 'public'::regnamespace
    JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema revision of a database; per table its row count and checksum; per sequence its last value; and the
    owner and privileges of each of them."""

    revision: str
    tables: Mapping[str, tuple[int, str]]
    sequences: Mapping[str, int]
    access: Mapping[str, str]


def read_contents(cursor: Any) -> Contents:
    """Return the contents as the cursor's transaction sees them, on a connection with `TEXT_FORM`."""
    cursor.execute("SELECT version_num FROM public.alembic_version")
    (revision,) = cursor.fetchone()
    cursor.execute(_TABLES)
    names = [name for (name,) in cursor.fetchall()]
    return Contents(
        revision=revision,
        tables={name: _facts(cursor, name) for name in names},
        sequences=_pairs(cursor, _SEQUENCES),
        access=_pairs(cursor, _ACCESS),
    )


def owned_sequences(cursor: Any) -> list[tuple[str, str, str]]:
    """Return the sequences that number a column, each with its table and the column."""
    cursor.execute(_OWNED)
    owned: list[tuple[str, str, str]] = cursor.fetchall()
    return owned


def lagging_sequences(cursor: Any) -> list[str]:
    """Return the sequences that would return a number already used in their column."""
    owned = owned_sequences(cursor)
    last = _pairs(cursor, _SEQUENCES)
    lagging = []
    for sequence, table, column in owned:
        question = sql.SQL("SELECT coalesce(max({}), 0) FROM public.{}")
        cursor.execute(question.format(sql.Identifier(column), sql.Identifier(table)))
        (highest,) = cursor.fetchone()
        if last[sequence] < highest:
            lagging.append(sequence)
    return lagging


def differences(saved: Contents, found: Contents) -> list[str]:
    """Return a short description of each difference between the saved and the found contents.

    A sequence may be ahead of the saved value: sequences are not part of a snapshot.
    """
    return [
        *_different("schema revision", {"": saved.revision}, {"": found.revision}),
        *_different("table", saved.tables, found.tables),
        *_different("access to", _without_maintain(saved.access), _without_maintain(found.access)),
        *(
            f"sequence {name}"
            for name in sorted(saved.sequences.keys() | found.sequences.keys())
            if found.sequences.get(name, -1) < saved.sequences.get(name, 0) or name not in saved.sequences
        ),
    ]


def _without_maintain(access: Mapping[str, str]) -> dict[str, str]:
    """Return the privileges without MAINTAIN, which PostgreSQL 17 and later include in all privileges."""
    return {
        name: _PRIVILEGES.sub(lambda match: match[0].replace("m", ""), acl) for name, acl in access.items()
    }


def _different(what: str, saved: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(saved.keys() | found.keys()):
        if saved.get(name) != found.get(name):
            yield f"{what} {name}".rstrip()


def _facts(cursor: Any, table: str) -> tuple[int, str]:
    cursor.execute(sql.SQL(_FACTS).format(sql.Identifier(table)))
    count, checksum = cursor.fetchone()
    return count, checksum


def _pairs(cursor: Any, query: str) -> dict[str, Any]:
    cursor.execute(query)
    return dict(cursor.fetchall())
