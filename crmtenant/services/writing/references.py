"""Whether what a row refers to is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.errors import FieldError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item
    from crmtenant.services.entities.change import Change


def unknown_reference(
    change: Change,
    model: Any,
    name: str,
    *conditions: Any,
    held_by: Item | None = None,
    is_held: bool = False,
) -> Iterator[FieldError]:
    """Yield an error when field `name` holds an id that no live row of this kind has.

    A reference that `held_by`, the row before the change, has already is not looked at. `is_held`: the row
    referred to stays as it is until the transaction ends.
    """
    row_id = change.values.get(name)
    if row_id is None or (held_by is not None and getattr(held_by, name) == row_id):
        return
    if not is_live(change.session, model, row_id, *conditions, is_held=is_held):
        yield FieldError(f"/{name}", "unknown_reference", "There is no such item to refer to.")


def unknown_subject(
    change: Change, models: Mapping[str, Any], type_name: str, id_name: str
) -> Iterator[FieldError]:
    """Yield an error when two fields name no live row: the noun, one of `models`, and the id."""
    noun, row_id = change.values[type_name], change.values[id_name]
    if not is_live(change.session, models[noun], row_id, is_held=True):
        yield FieldError(f"/{id_name}", "unknown_reference", "There is no such item to refer to.")


def is_live(session: Session, model: Any, row_id: int, *conditions: Any, is_held: bool = False) -> bool:
    """Whether there is such a row outside the trash; `is_held` as in `unknown_reference`."""
    live = select(model.id).where(model.id == row_id, model.deleted_at.is_(None), *conditions)
    return session.scalar(live.with_for_update(read=True) if is_held else live) is not None
