"""Answering with tokens: the last step of registering, signing in, refreshing and switching."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.identity.refresh_cookie import setting_header
from crmtenant.api.web.http import Headers, json_response
from crmtenant.services.identity.rate_limits import Limit, address_block
from crmtenant.services.identity.sessions import Started


def opened(
    request: Any, access_token: str, started: Started, transport: str, headers: Headers = (), **who: Any
) -> Response:
    """201 with the access token; the refresh token goes into the cookie, or into the body if asked for."""
    document = token_document(request, access_token, **who)
    if transport == "body":
        document["refresh_token"] = started.refresh_token
        return token_response(document, headers)
    cookie = setting_header(request, started.refresh_token, started.expires_at)
    return token_response(document, [*headers, cookie])


def token_document(request: Any, access_token: str, **who: Any) -> dict[str, Any]:
    """The access token (RFC 6749, section 5.1) and whose it is."""
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": request.registry.platform.tokens.ttl_seconds,
        **who,
    }


def token_response(document: dict[str, Any], headers: Headers = ()) -> Response:
    """201 with a document that no cache may keep."""
    response = json_response(document, "201 Created", headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def own_address(request: Any) -> str:
    """Where the request comes from, as it counts for limits."""
    return address_block(request.remote_addr or "")


def registration_limit(request: Any) -> Limit:
    """How many people one address may make."""
    settings = request.registry.platform.settings
    return Limit("registration", settings.registrations_per_address, settings.sign_in_window_seconds)
