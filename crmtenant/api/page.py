"""The page at `/`, until the front end takes its place."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.http import bytes_response

#: Nothing but what comes from here; nothing inline; nobody frames us.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@cache
def _page() -> bytes:
    return (files("crmtenant") / "pages" / "index.html").read_bytes()


@view_config(route_name="page", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def page(request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The page."""
    headers = (
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("Referrer-Policy", "same-origin"),
    )
    return bytes_response(_page(), "text/html; charset=utf-8", headers=headers)
