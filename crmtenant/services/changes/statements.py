"""One statement that changes many rows, each of which is a version further and in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select, update

from crmtenant.clock import now
from crmtenant.services.changes.change_log import note
from crmtenant.services.changes.written import CHANGED, logged_fields, written

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor, Values
    from crmtenant.services.entities.entity_type import EntityType


def update_rows(
    session: Session,
    actor: Actor,
    entity: EntityType,
    values: Values,
    *conditions: ColumnElement[bool],
    verb: str = CHANGED,
) -> list[int]:
    """Write the values into the rows for which the conditions are true, and return their ids."""
    session.flush()
    table, fields = entity.table, sorted(logged_fields(entity).intersection(values))
    names = {"id", "version", *entity.about.columns, *fields}
    statement = update(table).values(**{**touched(entity.model, actor), **values})
    if fields:
        before = (
            select(table.c.id, *(table.c[name].label(f"old_{name}") for name in fields))
            .where(*conditions)
            .with_for_update(key_share=True, of=table)
            .cte("before")
        )
        statement = statement.where(table.c.id == before.c.id)
        old: list[Any] = [before.c[f"old_{name}"] for name in fields]
    else:
        statement, old = statement.where(*conditions), []
    rows = session.execute(statement.returning(*(table.c[name] for name in sorted(names)), *old)).all()
    note(
        session,
        (
            written(
                entity,
                row,
                verb,
                actor.id,
                {
                    name: (getattr(row, f"old_{name}"), getattr(row, name))
                    for name in fields
                    if getattr(row, f"old_{name}") != getattr(row, name)
                },
            )
            for row in rows
        ),
    )
    return [row.id for row in rows]


def touched(model: Any, actor: Actor) -> Values:
    """Return the values that make rows changed by a statement a version further."""
    return {"version": model.version + 1, "updated_at": now(), "updated_by": actor.id}
