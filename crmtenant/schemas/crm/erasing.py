"""Erasing a contact, in JSON."""

from __future__ import annotations

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields.texts import Name


class ErasureDraft(Draft):
    """The contact's name, typed again to confirm."""

    name: Name
