"""The places of saved views."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item
from crmtenant.services.crm.saved_views import SAVED_VIEW


class SavedViewResource(Item):
    """One saved view."""

    entity = SAVED_VIEW


class SavedViewCollection(Collection):
    """The person's own saved views, and those that others share."""

    item = SavedViewResource
