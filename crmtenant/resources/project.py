"""The places of projects."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Collection, Item, Nested, Resource
from crmtenant.resources.timeline import ProjectTimeline
from crmtenant.services.crm.projects import PROJECT


class ProjectResource(Item):
    """One project."""

    children: ClassVar[dict[str, type[Resource]]] = {"timeline": ProjectTimeline}
    entity = PROJECT


class ProjectCollection(Collection):
    """All projects."""

    item = ProjectResource


class ContactProjects(Nested):
    """The projects done for a contact."""

    item = ProjectResource
    owner_name = "contact"
    belongs_by = "contact_id"
