"""Whether a person is told of what happens to a record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, Text, and_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import array, insert

from crmtenant.errors import NotFound
from crmtenant.models.tenant.change import LoggedChange
from crmtenant.models.tenant.notification import Watch
from crmtenant.services.changes.telling_statements import BY_HAND
from crmtenant.services.changes.written import CREATED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType

Watching = dict[str, bool]
_VIEWER = bindparam("person_id", type_=Text)


def watching(reader: Reader, entity: EntityType, row_id: int, person_id: str) -> Watching:
    """Return whether the person watches the record (`is_watching`) and hears nothing of it (`is_muted`).

    Raises: `NotFound` when there is no such record.
    """
    return _as_read(reader.row(_statement(entity), {"row_id": row_id, "person_id": person_id}))


def watch(
    session: Session, entity: EntityType, row_id: int, person_id: str, wish: Mapping[str, bool]
) -> Watching:
    """Set what is named in the wish and return what holds now. Raises: `NotFound` when there is no such record."""
    values = {"row_id": row_id, "person_id": person_id}
    before = _as_read(session.execute(_statement(entity), values).first())
    holds = {**before, **wish}
    key = {"noun": entity.name, **values}
    session.execute(
        insert(Watch)
        .values(**key, **holds)
        .on_conflict_do_update(index_elements=["noun", "row_id", "person_id"], set_=holds)
    )
    return holds


def _as_read(row: Any) -> Watching:
    if row is None:
        raise NotFound
    by_itself, is_watching, is_muted = row
    return {
        "is_watching": by_itself if is_watching is None else is_watching,
        "is_muted": bool(is_muted),
    }


@lru_cache(maxsize=64)
def _statement(entity: EntityType) -> Select[Any]:
    model = entity.model
    own = and_(Watch.noun == entity.name, Watch.row_id == model.id, Watch.person_id == _VIEWER)
    columns: tuple[Any, ...] = (_watches_by_itself(entity), Watch.is_watching, Watch.is_muted)
    return (
        select(*columns)
        .select_from(model)
        .outerjoin(Watch, own)
        .where(model.id == bindparam("row_id", type_=BigInteger), model.deleted_at.is_(None))
    )


def _watches_by_itself(entity: EntityType) -> ColumnElement[Any]:
    """Return the condition that the person made the record by hand, or is named in it."""
    model = entity.model
    was_imported = exists().where(
        LoggedChange.noun == entity.name,
        LoggedChange.row_id == model.id,
        LoggedChange.verb == CREATED,
        LoggedChange.cause != BY_HAND,
    )
    named = (
        column.contains(array([_VIEWER])) if isinstance(column.type, ARRAY) else column == _VIEWER
        for column in (getattr(model, name) for name in entity.user_columns)
    )
    made = and_(model.created_by == _VIEWER, ~was_imported)
    return or_(made, *(and_(column.is_not(None), column) for column in named)).label("by_itself")
