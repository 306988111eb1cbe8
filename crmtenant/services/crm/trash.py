"""What has been thrown away, of every noun, newest first, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, literal, select, tuple_, union_all

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.saved_view import SavedView
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.crm.projects import COLUMN, PROJECT
from crmtenant.services.crm.saved_views import SAVED_VIEW
from crmtenant.services.crm.tasks import TASK
from crmtenant.services.entities.listing import VIEWER, EntityType

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

FIELDS = ("type", "id", "name", "deleted_at", "deleted_by")
_NAMES: dict[EntityType, Any] = {
    COLUMN: BoardColumn.name,
    CONTACT: Contact.name,
    PROJECT: Project.name,
    SAVED_VIEW: SavedView.name,
    TASK: Task.title,
}
_thrown_away = union_all(
    *(
        select(
            literal(noun.name).label("type"),
            noun.model.id,
            name.label("name"),
            noun.model.deleted_at,
            noun.model.deleted_by,
        ).where(noun.model.deleted_at.is_not(None), noun.visible)
        for noun, name in _NAMES.items()
    )
).subquery("thrown_away")
_order = (_thrown_away.c.deleted_at, _thrown_away.c.type, _thrown_away.c.id)
_FIRST = (
    select(_thrown_away)
    .order_by(*(column.desc() for column in _order))
    .limit(bindparam("page_limit", type_=Integer))
)
_AFTER = _FIRST.where(
    tuple_(*_order)
    < tuple_(
        bindparam("deleted_at", type_=_order[0].type),
        bindparam("noun", type_=_order[1].type),
        bindparam("row_id", type_=_order[2].type),
    )
)


def page(
    reader: Reader, viewer_id: str, limit: int, after: tuple[Any, str, int] | None
) -> list[dict[str, Any]]:
    """At most `limit` things thrown away that the viewer may see, from the one after `after` (deleted_at, type,
    id) on."""
    values: dict[str, Any] = {"page_limit": limit, VIEWER: viewer_id}
    if after is None:
        rows = reader.rows(_FIRST, values)
    else:
        values["deleted_at"], values["noun"], values["row_id"] = after
        rows = reader.rows(_AFTER, values)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]
