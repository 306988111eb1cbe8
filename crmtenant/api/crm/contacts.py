"""Contacts."""

from __future__ import annotations

from typing import Any

from crmtenant.api.entities.crud import CollectionViews, ItemViews, add_entity_views
from crmtenant.api.entities.views import Shapes
from crmtenant.resources.contact import ContactCollection, ContactResource, OrganizationPeople
from crmtenant.schemas.crm.contact import ContactDraft, ContactOut, ContactQuery

SHAPES = Shapes.of(ContactDraft, ContactOut, ContactQuery)


class ContactCollectionViews(CollectionViews):
    """Contacts, and the people of an organisation."""

    shapes = SHAPES
    collection = "contacts"


class ContactViews(ItemViews):
    """One contact."""

    shapes = SHAPES
    collection = "contacts"


def includeme(config: Any) -> None:
    """Nothing comes back; contacts have their views."""
    add_entity_views(
        config,
        collection=(ContactCollection, ContactCollectionViews),
        item=(ContactResource, ContactViews),
        nested=[OrganizationPeople],
        access="contact",
    )
