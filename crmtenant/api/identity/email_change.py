"""A new e-mail address: sending its link again, cancelling, confirming."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.sessions import person_of
from crmtenant.api.identity.token_responses import client_of
from crmtenant.api.web.http import json_response, no_content, read_json
from crmtenant.resources.public import EmailChangeConfirmation, EmailChangeResending, ProfileEmailChange
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.profile import EmailConfirmationDraft, PendingEmailOut, dump_pending_email


@view_config(
    context=EmailChangeResending,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    out=PendingEmailOut,
    security=("bearer",),
    refuses=(404, 429),
    operation="resend_email_confirmation",
    summary="Send the link for my new e-mail address again",
)
def resend(context: EmailChangeResending, request: Any) -> Response:
    """Return the address; the older link ends."""
    changes = request.registry.platform.identity.email_changes
    return json_response(dump_pending_email(changes.resend(person_of(context).user_id)))


@view_config(
    context=ProfileEmailChange,
    request_method="DELETE",
    permission=NO_PERMISSION_REQUIRED,
    status=204,
    security=("bearer",),
    refuses=(404,),
    operation="cancel_email_change",
    summary="Keep my old e-mail address",
)
def cancel(context: ProfileEmailChange, request: Any) -> Response:
    """Forget the new address and end its link."""
    request.registry.platform.identity.email_changes.cancel(person_of(context).user_id)
    return no_content()


@view_config(
    context=EmailChangeConfirmation,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=EmailConfirmationDraft,
    status=204,
    refuses=(409, 429),
    operation="confirm_email",
    summary="Confirm a new e-mail address",
)
def confirm(context: EmailChangeConfirmation, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Make the address the one that its person signs in with."""
    draft = load(EmailConfirmationDraft, read_json(request))
    request.registry.platform.identity.email_changes.confirm(draft.token, client_of(request))
    return no_content()
