"""The places of contacts."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Nested, Resource
from crmtenant.resources.project import ProjectResource
from crmtenant.resources.task import TaskResource
from crmtenant.services.crm.contacts import CONTACT, CONTACTS


class ContactResource(Item):
    """One contact."""

    noun = CONTACT
    records = CONTACTS


class ContactCollection(Collection):
    """All contacts."""

    item = ContactResource


class OrganizationPeople(Nested):
    """The people of an organisation."""

    item = ContactResource
    belongs_by = "organization_id"


class ContactProjects(Nested):
    """The projects done for a contact."""

    item = ProjectResource
    belongs_by = "contact_id"


class ContactTasks(Nested):
    """The tasks that have to do with a contact."""

    item = TaskResource
    belongs_by = "contact_id"


_CHILDREN: dict[str, type[Resource]] = {
    "contacts": OrganizationPeople,
    "projects": ContactProjects,
    "tasks": ContactTasks,
}
ContactResource.children = _CHILDREN
