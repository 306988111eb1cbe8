"""The places of projects."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.services.crm.projects import PROJECT


class ProjectResource(Item):
    """One project."""

    entity = PROJECT


class ProjectCollection(Collection):
    """All projects."""

    item = ProjectResource


class ContactProjects(Nested):
    """The projects done for a contact."""

    item = ProjectResource
    owner_name = "contact"
    belongs_by = "contact_id"
