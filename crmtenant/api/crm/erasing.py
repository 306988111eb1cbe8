"""Erasing a contact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyramid.response import Response

from crmtenant.api.web.http import no_content, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.contact import ContactResource
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact_keys import search_of
from crmtenant.schemas.crm.erasing import ErasureDraft
from crmtenant.services.crm.erasing import erase


def erase_contact(context: ContactResource, request: Any) -> Response:
    """Nothing: all that was known of the contact is gone for good, from the log too.

    The contact, what was written about it alone, and what the history of the company says of both are erased, whether it
    is in the trash or not. What refers to it refers to nothing, and what others wrote in tasks, projects and entries about
    more than this contact stays. Backups keep it until they expire.
    """
    tenant = context.tenant
    tenant.only_deletes()
    draft = load(ErasureDraft, read_json(request))
    erase(tenant.session, tenant.actor, context.id, draft.name, _own_tokens)
    return no_content()


def _own_tokens(row: Any) -> Iterable[str]:
    return search_of(
        {column.key: getattr(row, column.key) for column in row.__table__.c if column.key != "search"}, None
    )


def add_erasing(config: Any) -> None:
    """Register the view."""
    config.add_view(
        erase_contact,
        context=ContactResource,
        name="erase",
        request_method="POST",
        permission=Permission.CONTACT_ERASE,
        body=ErasureDraft,
        status=204,
        summary="Erase a contact and what is remembered of it",
    )
