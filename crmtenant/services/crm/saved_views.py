"""Saved views: their author may do anything with them; others see those that are shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, bindparam, or_

from crmtenant.errors import Forbidden
from crmtenant.models.tenant.saved_view import SavedView
from crmtenant.services.entities.about import About
from crmtenant.services.entities.change import Actor
from crmtenant.services.entities.entity_type import VIEWER, EntityType
from crmtenant.services.writing.entity_writer import EntityWriter

_FIELDS = (
    "id", "name", "page", "query", "is_shared", "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip


class SavedViewWriter(EntityWriter):
    """The writes of saved views."""

    def check_writable(self, actor: Actor, rows: Sequence[Any]) -> None:
        """Raise `Forbidden` for what others share, unless the actor may manage that."""
        if not actor.may_manage_shared and any(row.created_by != actor.id for row in rows):
            detail = "Somebody else shares this; only they, an admin or an owner may change it."
            raise Forbidden(detail, code="shared_by_others")


SAVED_VIEW = EntityType(
    name="saved_view",
    collection="views",
    model=SavedView,
    title=SavedView.name,
    writer=SavedViewWriter(),
    columns={name: getattr(SavedView, name) for name in _FIELDS},
    filters={"page": SavedView.page == bindparam("page")},
    sorts={
        "name": SavedView.name_key,
        "created_at": SavedView.created_at,
        "updated_at": SavedView.updated_at,
    },
    visible=or_(SavedView.is_shared, SavedView.created_by == bindparam(VIEWER, type_=Text)),
    about=About(private=("created_by", "is_shared")),
    since="0004",
)
