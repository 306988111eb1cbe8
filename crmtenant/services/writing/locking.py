"""Rows that are locked to be written, and rows that a statement wrote."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

if TYPE_CHECKING:
    from crmtenant.services.entities.change import Values
    from crmtenant.services.entities.entity_type import EntityType


@lru_cache(maxsize=64)
def locking(entity: EntityType, *, is_deleted: bool) -> Select[Any]:
    """Return the statement that locks rows by `ids`, built once: building it takes as long as executing it."""
    model = entity.model
    state = model.deleted_at.is_not(None) if is_deleted else model.deleted_at.is_(None)
    return (
        select(model)
        .where(model.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), state, entity.visible)
        .order_by(model.id)
        .with_for_update(key_share=True)  # others may go on referring to the row
        .execution_options(populate_existing=True)
    )


def set_quietly(row: Any, values: Values) -> None:
    """Let the row have the values that a statement writes; they are not written again."""
    for name, value in values.items():
        set_committed_value(row, name, value)
