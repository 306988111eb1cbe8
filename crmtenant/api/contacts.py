"""Contacts."""

from __future__ import annotations

from typing import Any

from crmtenant.api.crud import CollectionViews, ItemViews, add_noun
from crmtenant.api.noun_views import Shapes
from crmtenant.representations.contact import ContactDraft, ContactOut, ContactQuery
from crmtenant.resources.contact import ContactCollection, ContactResource, OrganizationPeople

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
    add_noun(
        config,
        collection=(ContactCollection, ContactCollectionViews),
        item=(ContactResource, ContactViews),
        nested=[OrganizationPeople],
        access="contact",
    )
