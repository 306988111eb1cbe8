"""An operator enters a company that granted support access."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.token_responses import signed_in_response
from crmtenant.api.web.http import read_json
from crmtenant.resources.public import SupportSession
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.session import OpenedByPerson
from crmtenant.schemas.tenants.support import SupportLinkDraft


@view_config(
    context=SupportSession,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    operation="enter_as_support",
    body=SupportLinkDraft,
    out=OpenedByPerson,
    status=201,
    gives=("Set-Cookie",),
    refuses=(401, 403),
    summary="Enter a company with an operator's link",
)
def enter(context: SupportSession, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Use the link, which opens the company once, and issue tokens that end with the grant."""
    draft = load(SupportLinkDraft, read_json(request))
    signed_in = request.registry.platform.identity.support_visits.open(draft.token)
    return signed_in_response(request, signed_in, draft.transport)
