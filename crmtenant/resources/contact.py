"""The places of contacts."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.services.crm.contacts import CONTACT


class ContactResource(Item):
    """One contact."""

    entity = CONTACT


class ContactCollection(Collection):
    """All contacts."""

    item = ContactResource


class OrganizationPeople(Nested):
    """The people of an organisation."""

    item = ContactResource
    owner_name = "contact"
    belongs_by = "organization_id"
