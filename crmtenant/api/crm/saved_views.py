"""Saved views."""

from __future__ import annotations

from crmtenant.api.entities.registration import Registration
from crmtenant.resources.saved_view import SavedViewCollection
from crmtenant.schemas.crm.saved_view import SAVED_VIEW_SHAPES

SAVED_VIEWS = Registration(collection=SavedViewCollection, shapes=SAVED_VIEW_SHAPES, access="view")
