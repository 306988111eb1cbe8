"""Registering a company, and accepting an invitation to one."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.device_cookie import device_headers
from crmtenant.api.identity.token_responses import client_of, signed_in_response
from crmtenant.api.web.http import Headers, read_json
from crmtenant.api.web.idempotency import idempotency_key
from crmtenant.resources.links import API
from crmtenant.resources.public import InvitationCollection, RegistrationCollection
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.registration import (
    AcceptDraft,
    RegistrationDraft,
    WithPassword,
    load_with_password,
)
from crmtenant.schemas.identity.session import Opened
from crmtenant.services.identity.sign_ins import SignedIn
from crmtenant.services.tenants.registrations import RegistrationRequest


@view_config(
    context=RegistrationCollection,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=RegistrationDraft,
    out=Opened,
    status=201,
    takes=("Idempotency-Key",),
    gives=("Location", "Set-Cookie"),
    refuses=(429,),
    summary="Register a company",
)
def register(context: RegistrationCollection, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Register the company and sign its first owner in."""
    platform = request.registry.platform
    client = client_of(request)
    judge = platform.identity.password_choices.judge_for(client)
    draft = load_with_password(RegistrationDraft, read_json(request), judge)
    registration = RegistrationRequest(
        company_name=draft.company_name,
        person_name=draft.name,
        email=draft.email,
        password=draft.password,
        country=draft.country,
        currency=draft.currency,
        language=draft.language,
        time_zone=draft.time_zone,
        idempotency_key=idempotency_key(request),
        document=draft.model_dump_json(),
    )
    signed_in = platform.tenants.registrations.register(registration, client)
    return signed_in_response(request, signed_in, draft.transport, _headers(request, signed_in, draft))


@view_config(
    context=InvitationCollection,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=AcceptDraft,
    out=Opened,
    status=201,
    gives=("Location", "Set-Cookie"),
    refuses=(401, 404, 409, 429),
    operation="accept_invitation",
    summary="Accept an invitation",
)
def accept(context: InvitationCollection, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Make the invited person a member and sign them in."""
    draft = load(AcceptDraft, read_json(request))
    acceptance = request.registry.platform.identity.acceptance
    signed_in = acceptance.accept(draft.token, draft.name, draft.password, client_of(request))
    return signed_in_response(request, signed_in, draft.transport, _headers(request, signed_in, draft))


def _headers(request: Any, signed_in: SignedIn, draft: WithPassword) -> Headers:
    return [("Location", API), *device_headers(request, signed_in, draft.transport)]
