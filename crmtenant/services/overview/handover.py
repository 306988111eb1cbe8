"""The work of somebody who leaves passes to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, case, func, or_
from sqlalchemy.dialects.postgresql import ARRAY

from crmtenant.errors import FieldError, Invalid
from crmtenant.services.changes.statements import update_rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor
    from crmtenant.services.entities.entity_type import EntityType


def hand_over(session: Session, actor: Actor, giver_id: str, taker_id: str) -> dict[str, int]:
    """Name the taker wherever the giver is named in what goes on; return how many rows of each collection that were.

    Raises: `Invalid` where the taker is no member, or the giver.
    """
    if taker_id == giver_id:
        raise Invalid(FieldError("/to", "refers_to_itself", "Somebody else has to go on with the work."))
    if not actor.are_members([taker_id]):
        raise Invalid(FieldError("/to", "unknown_member", "This is not a member of your company."))
    return {
        entity.collection: _handed_over(session, actor, entity, giver_id, taker_id)
        for entity in actor.entities
        if entity.user_columns
    }


def _handed_over(session: Session, actor: Actor, entity: EntityType, giver_id: str, taker_id: str) -> int:
    model = entity.model
    columns = [getattr(model, name) for name in entity.user_columns]
    rows = update_rows(
        session,
        actor,
        entity,
        {column.key: _with_taker(column, giver_id, taker_id) for column in columns},
        model.deleted_at.is_(None),
        entity.goes_on,
        or_(*(_names(column, giver_id) for column in columns)),
    )
    return len(rows)


def _names(column: Any, user_id: str) -> ColumnElement[bool]:
    named: ColumnElement[bool] = (
        column.contains([user_id]) if isinstance(column.type, ARRAY) else column == user_id
    )
    return named


def _with_taker(column: Any, giver_id: str, taker_id: str) -> ColumnElement[Any]:
    """Return the column with the taker in place of the giver, once."""
    if not isinstance(column.type, ARRAY):
        return case((column == giver_id, taker_id), else_=column)
    return case(
        (column.contains([taker_id]), func.array_remove(column, giver_id)),
        else_=func.array_replace(column, giver_id, taker_id),
    )
