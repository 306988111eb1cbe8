"""Contacts are recognised by name and by other programs' keys, and everything is found inside words and in more spellings.

What rows are found by is made anew from the rows, by this release's rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crmtenant.schemas.crm.contact_keys import keys_of
from crmtenant.text.search_tokens import search_tokens

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
needs_python = True

ROWS_AT_ONCE = 500
TEXTS = postgresql.ARRAY(sa.Text)

CONTACTS = """
    SELECT c.id, c.kind, c.name, c.prefix, c.given_name, c.middle_name, c.family_name, c.suffix, c.nickname,
           c.job_title, c.department, c.emails, c.phones, c.addresses, c.urls, c.tags, c.custom, c.note,
           o.name AS organization
    FROM contact c LEFT JOIN contact o ON o.id = c.organization_id
    WHERE c.id > :after ORDER BY c.id LIMIT :limit
"""
PROJECTS = "SELECT id, name, tags, description FROM project WHERE id > :after ORDER BY id LIMIT :limit"
TASKS = "SELECT id, title, labels, description FROM task WHERE id > :after ORDER BY id LIMIT :limit"

Row = dict[str, Any]


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("contact", sa.Column("match_key", sa.Text(collation="C"), nullable=True))
    op.add_column("contact", sa.Column("source_keys", TEXTS, nullable=True))
    _write_anew(
        "contact", CONTACTS, _of_contact, {"match_key": sa.Text, "email_keys": TEXTS, "source_keys": TEXTS}
    )
    _write_anew("project", PROJECTS, lambda row: _of_text(row["name"], row["tags"], row["description"]), {})
    _write_anew("task", TASKS, lambda row: _of_text(row["title"], row["labels"], row["description"]), {})
    # With more tokens a row, the usual statistics take rare words for common ones, and a list is then read to its end.
    op.execute("ALTER TABLE contact ALTER COLUMN search SET STATISTICS 500")
    op.alter_column("contact", "match_key", nullable=False)
    op.alter_column("contact", "source_keys", nullable=False)
    op.create_index(
        "ix_contact_match", "contact", ["match_key"], postgresql_where=sa.text("deleted_at IS NULL")
    )


def _of_contact(row: Row) -> Row:
    keys = keys_of(row, row["organization"])
    return {**{name: keys[name] for name in ("match_key", "email_keys", "search")}, "source_keys": []}


def _of_text(name: str, labels: list[str], text: str | None) -> Row:
    return {"search": search_tokens(name, details=labels, text=text)}


def _write_anew(table: str, query: str, keys: Callable[[Row], Row], columns: dict[str, Any]) -> None:
    names = ", ".join(f"{name} = :{name}" for name in columns)
    statement = sa.text(
        f"UPDATE {table} SET {names}{', ' if names else ''}search = array_to_tsvector(:search) WHERE id = :id"  # noqa: S608 (names of ours)
    ).bindparams(
        *(sa.bindparam(name, type_=kind) for name, kind in columns.items()),
        sa.bindparam("search", type_=TEXTS),
    )
    for rows in _batches(query):
        op.get_bind().execute(statement, [{"id": row["id"], **keys(row)} for row in rows])


def _batches(query: str) -> Iterator[list[Row]]:
    after = 0
    while (
        rows := op.get_bind()
        .execute(sa.text(query), {"after": after, "limit": ROWS_AT_ONCE})
        .mappings()
        .all()
    ):
        yield [dict(row) for row in rows]
        after = rows[-1]["id"]
