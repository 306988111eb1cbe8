"""Contacts."""

from __future__ import annotations

from crmtenant.api.entities.registration import Registration
from crmtenant.resources.contact import ContactCollection, OrganizationPeople
from crmtenant.schemas.crm.contact import CONTACT_SHAPES

CONTACTS = Registration(
    collection=ContactCollection,
    shapes=CONTACT_SHAPES,
    access="contact",
    nested=(OrganizationPeople,),
)
