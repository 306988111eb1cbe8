"""Signing in, staying signed in, switching company, signing out."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from crmtenant.api.identity.device_cookie import device_headers
from crmtenant.api.identity.refresh_cookie import clearing_header, refresh_cookie
from crmtenant.api.identity.token_responses import client_of, signed_in_response
from crmtenant.api.web.http import json_response, no_content, read_json
from crmtenant.errors import Forbidden, Unauthenticated
from crmtenant.resources.public import (
    CurrentSession,
    RefreshSession,
    SessionCollection,
    SessionResource,
    SwitchSession,
)
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.session import (
    OpenedByPerson,
    RefreshDraft,
    SignInDraft,
    SignInsOut,
    SwitchDraft,
    dump_sign_in,
)


def person_of(context: Any) -> Any:
    """Return the identity of the person who makes the request.

    Raises why nobody does; `Forbidden` (not_for_support) for support, which is nobody's login.
    """
    identity = context.tenant.identity
    if identity.via == "support":
        raise Forbidden("Support has no login of its own.", code="not_for_support")
    return identity


class SessionViews:
    """What the views of sign-ins share. Everybody may do all of this with their own sign-ins, in whatever role, so no
    permission is required; `identity` raises for those who are not signed in."""

    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.sign_ins = request.registry.platform.identity.sign_ins

    @property
    def identity(self) -> Any:
        """Who makes the request. Raises why nobody does."""
        return person_of(self.context)


@view_defaults(context=SessionCollection, permission=NO_PERMISSION_REQUIRED)
class SignInViews(SessionViews):
    """Signing in; one's own sign-ins."""

    @view_config(
        request_method="POST",
        body=SignInDraft,
        out=OpenedByPerson,
        status=201,
        gives=("Set-Cookie",),
        refuses=(401, 403, 429),
        operation="sign_in",
        summary="Sign in",
    )
    def sign_in(self) -> Response:
        """Sign in to one of the person's companies."""
        draft = load(SignInDraft, read_json(self.request))
        client = client_of(self.request)
        signed_in = self.sign_ins.sign_in(draft.email, draft.password, draft.company, client)
        known = device_headers(self.request, signed_in, draft.transport)
        return signed_in_response(self.request, signed_in, draft.transport, known)

    @view_config(
        request_method="GET", out=SignInsOut, security=("bearer",), summary="List where I am signed in"
    )
    def list(self) -> Response:
        """List the live sign-ins of the person, the last used first."""
        identity = self.identity
        sign_ins = self.sign_ins.live(identity.user_id)
        return json_response({"items": [dump_sign_in(sign_in, identity.session_id) for sign_in in sign_ins]})

    @view_config(
        request_method="DELETE",
        status=204,
        security=("bearer",),
        gives=("Set-Cookie",),
        operation="sign_out_everywhere",
        summary="Sign out everywhere",
    )
    def sign_out_everywhere(self) -> Response:
        """End every sign-in and revoke every access token."""
        self.sign_ins.end_all(self.identity.user_id)
        return no_content([clearing_header(self.request)])


@view_defaults(context=RefreshSession, permission=NO_PERMISSION_REQUIRED)
class RefreshViews(SessionViews):
    """Staying signed in."""

    @view_config(
        request_method="POST",
        body=RefreshDraft | None,
        out=OpenedByPerson,
        status=201,
        security=("refresh_cookie", None),
        takes=("X-Requested-With",),
        gives=("Set-Cookie",),
        refuses=(401, 403),
        operation="refresh_session",
        summary="Renew the access token",
    )
    def refresh(self) -> Response:
        """Issue a new access token and the next refresh token, transported like the last one."""
        token, transport = self._refresh_token()
        return signed_in_response(self.request, self.sign_ins.refresh(token), transport)

    def _refresh_token(self) -> tuple[str, str]:
        draft = load(RefreshDraft, read_json(self.request)) if self.request.body else RefreshDraft()
        if draft.refresh_token is not None:
            return draft.refresh_token, "body"
        token = refresh_cookie(self.request)
        if token is None:
            detail = "A valid refresh token is required."
            raise Unauthenticated(detail, code="invalid_refresh_token", is_of_token=False)
        return token, "cookie"


@view_config(
    context=SwitchSession,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    attr="switch",
    body=SwitchDraft,
    out=OpenedByPerson,
    status=201,
    security=("bearer",),
    refuses=(404,),
    operation="switch_company",
    summary="Switch company",
)
class SwitchViews(SessionViews):
    """Switching company."""

    def switch(self) -> Response:
        """Make the sign-in one to another company and issue a token for it."""
        identity = self.identity
        draft = load(SwitchDraft, read_json(self.request))
        signed_in = self.sign_ins.switch(identity.user_id, identity.session_id, draft.company)
        return signed_in_response(self.request, signed_in, "cookie")


@view_config(
    context=CurrentSession,
    request_method="DELETE",
    permission=NO_PERMISSION_REQUIRED,
    attr="sign_out",
    status=204,
    security=("bearer", "refresh_cookie"),
    takes=("X-Requested-With",),
    gives=("Set-Cookie",),
    operation="sign_out",
    summary="Sign out",
)
class CurrentSessionViews(SessionViews):
    """The sign-in of this device."""

    def sign_out(self) -> Response:
        """End the sign-in that the access token or the cookie belongs to, and clear the cookie."""
        identity = getattr(self.request.root, "identity", None)
        if identity is not None:
            self.sign_ins.end(identity.session_id, identity.user_id)
        token = refresh_cookie(self.request, is_ours=identity is not None)
        if token is not None:
            self.sign_ins.end_by_token(token)
        elif identity is None:
            raise self.request.root.refusal
        return no_content([clearing_header(self.request)])


@view_config(
    context=SessionResource,
    request_method="DELETE",
    permission=NO_PERMISSION_REQUIRED,
    attr="sign_out",
    status=204,
    security=("bearer",),
    operation="sign_out_of_session",
    summary="Sign out of one of my devices",
)
class SessionItemViews(SessionViews):
    """One of the person's sign-ins."""

    def sign_out(self) -> Response:
        """End that sign-in."""
        self.sign_ins.end_own(self.context.__name__, self.identity.user_id)
        return no_content()
