"""What is in a company's database, in a form in which two databases can be compared.

A table's checksum is made of the sums of two hashes of each row's text, so it does not depend on the order
rows lie in. It tells whether a restored table is the saved one; it is no protection against somebody who
wants to deceive us, which is what the SHA-256 of the dump is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

#: How values become text must not depend on the server's settings.
TEXT_FORM = (
    "-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=iso_8601 -c bytea_output=hex"
    " -c extra_float_digits=1 -c search_path=pg_catalog"
)

_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""
_ACCESS = """
    SELECT relname, pg_get_userbyid(relowner) || ' ' || coalesce(
        (SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest(relacl) AS item), '')
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
    """A database's schema revision; of each table the number of rows and their checksum; of each sequence the
    last value given; and who owns and may touch each of them."""

    revision: str
    tables: Mapping[str, tuple[int, str]]
    sequences: Mapping[str, int]
    access: Mapping[str, str]


def read_contents(cursor: Any) -> Contents:
    """What the cursor's database holds, as its transaction sees it, on a connection with `TEXT_FORM`."""
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


def lagging_sequences(cursor: Any) -> list[str]:
    """The sequences that would give a number again which their column has already."""
    cursor.execute(_OWNED)
    owned = cursor.fetchall()
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
    """In what the restored database is not what was saved, a few words each; nothing if it is the same.

    Sequences may have gone on: they are no part of the snapshot, and were read before it was written down.
    """
    return [
        *_different("schema revision", {"": saved.revision}, {"": found.revision}),
        *_different("table", saved.tables, found.tables),
        *_different("access to", _common(saved.access), _common(found.access)),
        *(
            f"sequence {name}"
            for name in sorted(saved.sequences.keys() | found.sequences.keys())
            if found.sequences.get(name, -1) < saved.sequences.get(name, 0) or name not in saved.sequences
        ),
    ]


def _common(access: Mapping[str, str]) -> dict[str, str]:
    """Who may touch what, without the right MAINTAIN, which PostgreSQL 17 and later grant along with all others."""
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
