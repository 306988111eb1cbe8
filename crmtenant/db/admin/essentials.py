"""The copy, in a company's database, of what the catalog says of it.

The table is the owner role's, and nobody else has a right to it, least of all the company's own role. What is found there is
believed only where that is still so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg2 import sql

from crmtenant.db.admin.connection import Administration

# The owner of the database: companies' roles own nothing of it. A foreign backup may have given rights to others.
_IS_OURS = """
    SELECT relowner = (SELECT datdba FROM pg_database WHERE datname = current_database())
        AND NOT EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee <> relowner)
        AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attacl IS NOT NULL)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = 'essentials' AND relkind = 'r'
"""
_READ = "SELECT saved_at, document::text FROM public.essentials WHERE company_id = %s"
_AS_OWNER = sql.SQL("SET LOCAL ROLE {}; ")
_FORGET_OTHERS = "DELETE FROM public.essentials WHERE company_id <> %s; "
_WRITE = """
    INSERT INTO public.essentials (company_id, saved_at, document) VALUES (%s, %s, %s::jsonb)
    ON CONFLICT (company_id) DO UPDATE SET saved_at = excluded.saved_at, document = excluded.document
"""


@dataclass(frozen=True, slots=True)
class CopiedEssentials:
    """What a company's database has of the catalog: JSON text, and of which moment."""

    saved_at: datetime
    document: str


def has_room(inside: Administration) -> bool:
    """Return whether the database has the table, and it is ours."""
    return inside.is_true(_IS_OURS)


def read_copy(inside: Administration, company_id: str) -> CopiedEssentials | None:
    """Return the copy of this company's essentials in the database, or None if there is none to be believed."""
    row = inside.row(_READ, company_id) if has_room(inside) else None
    return CopiedEssentials(*row) if row else None


def write_copy(inside: Administration, owner: str, company_id: str, copy: CopiedEssentials) -> None:
    """Write the copy, in place of the older one and of those of other companies, as the owner role.

    So whatever somebody attached to the table has no more rights than it has.
    """
    statement = sql.SQL("").join(
        [_AS_OWNER.format(sql.Identifier(owner)), sql.SQL(_FORGET_OTHERS), sql.SQL(_WRITE)]
    )
    inside.run(statement, company_id, company_id, copy.saved_at, copy.document)


def forget_copies(inside: Administration, owner: str) -> None:
    """Remove all copies: those in a dump are of when it was made, or somebody else's."""
    if has_room(inside):
        inside.run(
            sql.SQL("").join(
                [_AS_OWNER.format(sql.Identifier(owner)), sql.SQL("DELETE FROM public.essentials")]
            )
        )
