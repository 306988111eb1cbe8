"""Responses with tokens: the last step of registering, signing in, refreshing and switching."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.identity.device_cookie import device_cookie
from crmtenant.api.identity.refresh_cookie import setting_header
from crmtenant.api.web.http import Headers, json_response
from crmtenant.schemas.identity.session import dump_signed_in
from crmtenant.services.identity.authentication import Client
from crmtenant.services.identity.sign_ins import SignedIn


def signed_in_response(request: Any, signed_in: SignedIn, transport: str, headers: Headers = ()) -> Response:
    """Return 201 with an access token. The refresh token, if there is one, goes into the cookie, or into the body
    if `transport` is "body"."""
    document = _document(request, signed_in)
    started = signed_in.session
    if started is None:
        return _response(document, headers)
    if transport == "body":
        return _response({**document, "refresh_token": started.refresh_token}, headers)
    cookie = setting_header(request, started.refresh_token, started.expires_at)
    return _response(document, [*headers, cookie])


def client_of(request: Any) -> Client:
    """Return where the request comes from."""
    return Client(request.remote_addr or "", request.user_agent, device_cookie(request))


def _document(request: Any, signed_in: SignedIn) -> dict[str, Any]:
    """Return the access token (RFC 6749, section 5.1) and whose it is."""
    tokens = request.registry.platform.identity.tokens
    access_token = tokens.issue(
        signed_in.user_id,
        signed_in.company.id,
        signed_in.token_version,
        signed_in.issued_at,
        signed_in.jti,
        session_id=signed_in.session_id,
    )
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": tokens.ttl_seconds,
        **dump_signed_in(signed_in),
    }


def _response(document: dict[str, Any], headers: Headers) -> Response:
    return json_response(document, "201 Created", headers)
