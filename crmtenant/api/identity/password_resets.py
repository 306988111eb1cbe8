"""A forgotten password: asking for another one, and choosing it."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.token_responses import own_address, registration_limit
from crmtenant.api.web.http import no_content, read_json
from crmtenant.errors import NotFound
from crmtenant.resources.public import PasswordResets, TakenReset
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.password_reset import NewPasswordDraft, ResetDraft
from crmtenant.schemas.identity.registration import load_with_password
from crmtenant.services.identity import password_resets
from crmtenant.services.identity.rate_limits import Limit
from crmtenant.services.identity.users import read_email


@view_config(
    context=PasswordResets,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=ResetDraft,
    status=202,
    refuses=(404, 429),
    operation="ask_for_password_reset",
    summary="Say that I have forgotten my password",
)
def ask(context: PasswordResets, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Nothing, whether or not somebody has this address; whoever has it gets a mail."""
    platform = request.registry.platform
    _require_mails(platform)
    key = read_email(load(ResetDraft, read_json(request)).email).key
    most, window = platform.settings.sign_in_attempts, platform.settings.sign_in_window_seconds
    platform.attempts.count(Limit("reset by address", most, window), own_address(request))
    platform.attempts.count(Limit("reset by person", most, window), key)
    with platform.catalog.begin() as session:
        password_resets.ask(session, key)
    return Response(
        status="202 Accepted", headerlist=[("Cache-Control", "no-store"), ("Content-Length", "0")]
    )


@view_config(
    context=TakenReset,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=NewPasswordDraft,
    status=204,
    refuses=(404, 429),
    operation="take_password_reset",
    summary="Choose a new password",
)
def take(context: TakenReset, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Nothing; the password is the new one, and every sign-in of the person is over."""
    platform = request.registry.platform
    _require_mails(platform)
    passwords = platform.passwords
    draft = load_with_password(NewPasswordDraft, read_json(request), passwords.field_error)
    platform.attempts.count(registration_limit(request), own_address(request))
    with platform.catalog.reading() as reader:
        words = password_resets.owner_of(reader, draft.token)
    # Once more, for now it is known whose name and address the password must not be.
    load_with_password(NewPasswordDraft, draft.model_dump(), passwords.field_error, *words)
    new_hash = passwords.hash(draft.password)
    with platform.catalog.begin() as session:
        user_id = password_resets.take(session, draft.token, new_hash, platform.mailbox)
    platform.directory.forget_person(user_id)
    return no_content()


def _require_mails(platform: Any) -> None:
    if not platform.mailbox.is_open:
        raise NotFound
