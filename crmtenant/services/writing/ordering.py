"""The order of rows in a group, such as tasks in a project: numbers with room between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, select, tuple_

from crmtenant.services.changes.statements import update_rows
from crmtenant.services.changes.written import MOVED
from crmtenant.services.entities.change import Actor, Values
from crmtenant.services.entities.entity_type import entity_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STEP = 1024.0
FARTHEST = 1e12
"""The largest position that clients may send, and so the largest that we set."""


def in_group(group: Any, value: Any) -> ColumnElement[bool]:
    """Return the condition of being in the group (`Task.project_id`, say) with this value, or in none."""
    condition: ColumnElement[bool] = group.is_(None) if value is None else group == value
    return condition


def at_end(session: Session, group: Any, value: Any) -> float:
    """Return the position behind everything in the group, the trash included."""
    last = session.scalar(select(func.max(group.class_.position)).where(in_group(group, value)))
    return _step_from(last or 0.0, STEP)


def placed(session: Session, group: Any, drafts: Sequence[Values]) -> list[Values]:
    """Return the drafts with a position each: their own, or the end of their group in the order given."""
    ends: dict[Any, float] = {}
    return [_with_position(session, group, draft, ends) for draft in drafts]


def beside(
    session: Session, actor: Actor, group: Any, row: Any, value: Any, neighbour_id: int, *, is_before: bool
) -> float:
    """Return the position right before or after the neighbour, renumbering the group if it has no gap there."""
    place = _between(session, group, row, value, neighbour_id, is_before=is_before)
    if place is None:
        _renumber(session, actor, group, row, value)
        place = _between(session, group, row, value, neighbour_id, is_before=is_before)
    assert place is not None
    return place


def _with_position(session: Session, group: Any, draft: Values, ends: dict[Any, float]) -> Values:
    if draft.get("position") is not None:
        return dict(draft)
    value = draft.get(group.key)
    ends[value] = _step_from(ends[value], STEP) if value in ends else at_end(session, group, value)
    return {**draft, "position": ends[value]}


def _between(
    session: Session, group: Any, row: Any, value: Any, neighbour_id: int, *, is_before: bool
) -> float | None:
    """Return the middle between the neighbour and the row beyond it, or None when no number is between them."""
    model = group.class_
    here = session.scalar(select(model.position).where(model.id == neighbour_id)) or 0.0
    place, wanted = tuple_(model.position, model.id), tuple_(here, neighbour_id)
    others = (in_group(group, value), model.deleted_at.is_(None), model.id != row.id)
    if is_before:
        question = select(func.max(model.position)).where(*others, place < wanted)
        there = session.scalar(question)
        there = _step_from(here, -STEP) if there is None else there
    else:
        question = select(func.min(model.position)).where(*others, place > wanted)
        there = session.scalar(question)
        there = _step_from(here, STEP) if there is None else there
    middle = (here + there) / 2
    return middle if middle not in (here, there) else None


def _renumber(session: Session, actor: Actor, group: Any, row: Any, value: Any) -> None:
    """Give everything in the group but the row that moves a step of room on both sides."""
    model = group.class_
    entity = entity_of(model)
    assert entity is not None, "what has an order is a noun"
    order = func.row_number().over(order_by=(model.position, model.id))
    ranked = (
        select(model.id, order.label("rank")).where(in_group(group, value), model.id != row.id).subquery()
    )
    update_rows(
        session,
        actor,
        entity,
        {"position": ranked.c.rank * STEP},
        model.id == ranked.c.id,
        verb=MOVED,
    )


def _step_from(position: float, step: float) -> float:
    return max(-FARTHEST, min(FARTHEST, position + step))
