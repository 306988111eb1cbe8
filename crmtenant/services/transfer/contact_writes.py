"""Writes hundreds of contacts by one statement: their columns go to PostgreSQL as one JSON text.

SQLAlchemy would send one UPDATE for each row, and one INSERT too, since `search` is made by an expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Integer, Text, bindparam, cast, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from crmtenant.clock import now
from crmtenant.models.tenant.contact import Contact

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Values

_TABLE: Any = Contact.__table__
_COLUMNS = tuple(column.name for column in _TABLE.columns if column.name not in {"deleted_at", "deleted_by"})
_OF_CREATION = frozenset({"id", "created_at", "created_by"})
_TYPES = {name: _TABLE.c[name].type for name in _COLUMNS} | {
    # Without the collation that a column definition of a function may not have.
    **{name: Text() for name in _COLUMNS if isinstance(_TABLE.c[name].type, Text)},
    "search": ARRAY(Text),
}
_given = (
    func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON))
    .table_valued(*(column(name, kind) for name, kind in _TYPES.items()))
    .render_derived("given", with_types=True)
)
_values = {
    name: func.array_to_tsvector(_given.c[name]) if name == "search" else _given.c[name] for name in _COLUMNS
}
_INSERT = insert(_TABLE).from_select(_COLUMNS, select(*_values.values()), include_defaults=False)
_UPDATE = (
    update(_TABLE)
    .where(_TABLE.c.id == _given.c.id)
    .values({name: value for name, value in _values.items() if name not in _OF_CREATION})
)
_NEXT_IDS = select(func.nextval(func.pg_get_serial_sequence("contact", "id"))).select_from(
    func.generate_series(1, bindparam("count", type_=Integer))
)


def next_ids(session: Session, count: int) -> Sequence[int]:
    """Return so many ids that no contact has."""
    return session.scalars(_NEXT_IDS, {"count": count}).all() if count else ()


def insert_contacts(session: Session, rows: Sequence[Values], by: str) -> None:
    """Insert rows of which all columns but those of their creation are given, with an `id` of `next_ids`."""
    moment = now()
    created = {"created_at": moment, "updated_at": moment, "created_by": by, "updated_by": by, "version": 1}
    _execute(session, _INSERT, [{**row, **created} for row in rows])


def update_contacts(session: Session, rows: Sequence[Values], by: str) -> None:
    """Write all columns of the rows with these ids; `version` is the new one."""
    changed = {"updated_at": now(), "updated_by": by}
    _execute(session, _UPDATE, [{**row, **changed} for row in rows])


def _execute(session: Session, statement: Any, rows: Sequence[Values]) -> None:
    if rows:
        session.execute(statement, {"rows": orjson.dumps(rows).decode()})
