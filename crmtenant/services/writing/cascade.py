"""Rows that are deleted and restored with the rows they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from crmtenant.services.changes.statements import update_rows
from crmtenant.services.changes.written import CHANGED, REMOVED, RESTORED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor, Values
    from crmtenant.services.entities.entity_type import BelongsTo, EntityType
    from crmtenant.services.entities.registry import EntityRegistry


def delete_owned(
    session: Session, actor: Actor, owner: EntityType, row_ids: Sequence[int], moment: datetime
) -> None:
    """Put what belongs to the rows, and what belongs to that, into the trash, stamped with the same moment."""
    mark = {"deleted_at": moment, "deleted_by": actor.id}
    _mark_owned(session, actor, owner, row_ids, mark, lambda model: model.deleted_at.is_(None), verb=REMOVED)


def restore_owned(
    session: Session, actor: Actor, owner: EntityType, row_ids: Sequence[int], deleted_at: datetime | None
) -> None:
    """Restore what was deleted with the rows, at that moment."""
    mark = {"deleted_at": None, "deleted_by": None}
    _mark_owned(
        session, actor, owner, row_ids, mark, lambda model: model.deleted_at == deleted_at, verb=RESTORED
    )


def _mark_owned(
    session: Session,
    actor: Actor,
    owner: EntityType,
    row_ids: Sequence[int],
    mark: Values,
    condition: Callable[[Any], ColumnElement[bool]],
    *,
    verb: str,
) -> None:
    """Mark what belongs to the rows, level by level; rows of one noun below each other are one level."""
    pending = [(owner, row_ids)]
    while pending:
        above, ids = pending.pop()
        for entity, link in actor.entities.owned_by(above):
            if link.owner == entity.name and ids is not row_ids:
                continue
            marked = change_owned(session, actor, entity, link, ids, mark, condition(entity.model), verb=verb)
            if marked:
                entity.writer.went_along(session, marked)
                pending.append((entity, marked))


def change_owned(
    session: Session,
    actor: Actor,
    entity: EntityType,
    link: BelongsTo,
    row_ids: Sequence[int],
    values: Values,
    *conditions: ColumnElement[bool],
    verb: str = CHANGED,
) -> list[int]:
    """Write the values into the rows that belong to these by the link, at any depth where it is their own noun's.

    Returns: the ids of those rows.
    """
    return update_rows(
        session, actor, entity, values, _belongs(entity, link, row_ids), *conditions, verb=verb
    )


def descendants(entity: EntityType, link: BelongsTo, row_ids: Sequence[int]) -> Any:
    """Return the ids of these rows and of everything below them, as a recursive CTE.

    UNION (not ALL) ends even where there is a cycle.
    """
    ids = entity.model.id
    below = select(ids).where(ids.in_(row_ids)).cte("below", recursive=True)
    parent = getattr(entity.model, link.column)
    return below.union(select(ids).join(below, parent == below.c.id))


def went_along(entities: EntityRegistry, entity: EntityType) -> ColumnElement[bool]:
    """Return the condition that a row in the trash was deleted with what it belongs to, not by itself."""
    conditions = [_deleted_together(entity, link, entities.by_name[link.owner]) for link in entity.belongs_to]
    return or_(false(), *conditions)


def _deleted_together(entity: EntityType, link: BelongsTo, owner: EntityType) -> ColumnElement[bool]:
    row, above = entity.model, aliased(owner.model)
    together = [above.id == getattr(row, link.column), above.deleted_at == row.deleted_at]
    if link.type_column is not None:
        together.append(getattr(row, link.type_column) == owner.name)
    return exists().where(*together)


def _belongs(entity: EntityType, link: BelongsTo, row_ids: Sequence[int]) -> ColumnElement[bool]:
    model = entity.model
    if link.owner == entity.name:
        below = descendants(entity, link, row_ids)
        return and_(model.id.in_(select(below.c.id)), model.id.not_in(row_ids))
    belongs = getattr(model, link.column).in_(row_ids)
    of_owner = true() if link.type_column is None else getattr(model, link.type_column) == link.owner
    return and_(belongs, of_owner)
