"""Forgotten passwords: requesting a reset, and choosing a new password."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.token_responses import client_of
from crmtenant.api.web.http import PRIVATE, no_content, read_json
from crmtenant.resources.public import PasswordResetCollection, PasswordResetRedemption
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.password_reset import NewPasswordDraft, ResetDraft
from crmtenant.schemas.identity.registration import load_with_password


@view_config(
    context=PasswordResetCollection,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=ResetDraft,
    status=202,
    refuses=(404, 429),
    operation="ask_for_password_reset",
    summary="Request a password reset",
)
def request_reset(context: PasswordResetCollection, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Answer the same whether or not somebody has the address; whoever has it gets a mail."""
    resets = request.registry.platform.identity.password_resets
    resets.require_available()
    resets.request(load(ResetDraft, read_json(request)).email, client_of(request))
    return Response(status="202 Accepted", headerlist=[("Content-Length", "0"), *PRIVATE])


@view_config(
    context=PasswordResetRedemption,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=NewPasswordDraft,
    status=204,
    refuses=(404, 429),
    operation="take_password_reset",
    summary="Choose a new password",
)
def redeem_reset(context: PasswordResetRedemption, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Set the new password and end every sign-in of the person."""
    room = request.registry.platform.identity
    room.password_resets.require_available()
    client = client_of(request)
    draft = load_with_password(NewPasswordDraft, read_json(request), room.password_choices.judge_for(client))
    room.password_resets.redeem(draft.token, draft.password, client)
    return no_content()
