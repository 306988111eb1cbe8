"""The places of contacts."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Collection, Item, Nested, Resource
from crmtenant.resources.timeline import ContactTimeline
from crmtenant.services.crm.contacts import CONTACT


class ContactResource(Item):
    """One contact."""

    children: ClassVar[dict[str, type[Resource]]] = {"timeline": ContactTimeline}
    entity = CONTACT


class ContactCollection(Collection):
    """All contacts."""

    item = ContactResource


class OrganizationPeople(Nested):
    """The people of an organisation."""

    item = ContactResource
    owner_name = "contact"
    belongs_by = "organization_id"
