"""Contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.response import Response

from crmtenant.api.crm.erasing import add_erasing
from crmtenant.api.entities.collection_views import CollectionViews
from crmtenant.api.entities.item_views import ItemViews
from crmtenant.api.entities.registration import Registration
from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.permissions import Permission
from crmtenant.resources.contact import ContactCollection, OrganizationPeople
from crmtenant.schemas.base import encode, load_query
from crmtenant.schemas.crm.contact import CONTACT_SHAPES
from crmtenant.schemas.crm.similar import SimilarOut, SimilarQuery
from crmtenant.services.duplicates.similar_contacts import similar


def find_similar(context: ContactCollection, request: Any) -> Response:
    """The contacts that one about to be created may be already."""
    tenant = context.tenant
    asked = load_query(SimilarQuery, query_pairs(request), context={"region": tenant.identity.country})
    found = similar(
        tenant.reader,
        kind=asked.kind,
        name=asked.name,
        email=asked.email,
        phones=asked.phone or [],
        limit=asked.limit,
    )
    return json_response({"items": found})


def _actions(config: Any) -> None:
    config.add_view(
        find_similar,
        context=ContactCollection,
        name="similar",
        request_method="GET",
        permission=Permission.CONTACT_READ,
        query=SimilarQuery,
        out=SimilarOut,
        operation="find_similar_contacts",
        summary="Find contacts that one about to be created may be already",
    )
    add_erasing(config)


class TellsLastTouch:
    """What the ETag of a contact holds beside its version."""

    def counted(self, item: Mapping[str, Any]) -> str:
        """When somebody was last in touch with it."""
        moment = item["last_touch_at"]
        return "" if moment is None else encode(moment).decode().strip('"')


class ContactCollectionViews(TellsLastTouch, CollectionViews):
    """Contacts, and the people of an organisation."""


class ContactViews(TellsLastTouch, ItemViews):
    """One contact."""


CONTACTS = Registration(
    collection=ContactCollection,
    shapes=CONTACT_SHAPES,
    access="contact",
    nested=(OrganizationPeople,),
    collection_views=ContactCollectionViews,
    item_views=ContactViews,
    actions=_actions,
)
