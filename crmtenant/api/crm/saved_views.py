"""Saved views."""

from __future__ import annotations

from typing import Any

from crmtenant.api.entities.crud import CollectionViews, ItemViews, add_entity_views
from crmtenant.api.entities.views import Shapes
from crmtenant.resources.saved_view import SavedViewCollection, SavedViewResource
from crmtenant.schemas.crm.saved_view import SavedViewDraft, SavedViewOut, SavedViewQuery

SHAPES = Shapes.of(SavedViewDraft, SavedViewOut, SavedViewQuery)


class SavedViewCollectionViews(CollectionViews):
    """The person's own saved views, and those that others share."""

    shapes = SHAPES
    collection = "views"


class SavedViewViews(ItemViews):
    """One saved view."""

    shapes = SHAPES
    collection = "views"


def includeme(config: Any) -> None:
    """Nothing comes back; saved views have their views."""
    add_entity_views(
        config,
        collection=(SavedViewCollection, SavedViewCollectionViews),
        item=(SavedViewResource, SavedViewViews),
        nested=[],
        access="view",
    )
