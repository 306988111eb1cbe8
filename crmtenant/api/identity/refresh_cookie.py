"""The cookie with a browser's refresh token, and its protection against cross-site requests.

Only refreshing and signing out read it. A foreign page can make a browser send the cookie, but cannot set our
header without a CORS preflight, which we never grant. SameSite, Origin and Sec-Fetch-Site are three more checks,
each sufficient on its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webob.cookies import make_cookie

from crmtenant.clock import now
from crmtenant.errors import Forbidden

_NAME = "rt"
_SITES = frozenset({None, "same-origin", "none"})


def setting_header(request: Any, token: str, expires_at: datetime) -> tuple[str, str]:
    """Return the Set-Cookie header that stores the refresh token."""
    seconds = max(0, int((expires_at - now()).total_seconds()))
    return cookie_header(request, _NAME, token, seconds)


def clearing_header(request: Any) -> tuple[str, str]:
    """Return the Set-Cookie header that deletes the refresh token."""
    return cookie_header(request, _NAME, "", 0)


def refresh_cookie(request: Any, *, is_ours: bool = False) -> str | None:
    """Return the refresh token of the request's cookie, or None.

    `is_ours` means that the request also has an access token, which no foreign page knows.

    Raises: `Forbidden` (csrf) if a foreign page may have sent the cookie.
    """
    token = cookie_value(request, cookie_name(request, _NAME))
    if token is not None and not is_ours:
        require_own_page(request)
    return token or None


def cookie_value(request: Any, name: str) -> str | None:
    """Return the value of the request's cookie, or None.

    Others' cookies come along in the same header, in bytes of any kind (RFC 6265, section 5.4): they are not looked at.
    """
    pairs = (pair.strip(" \t").partition("=") for pair in request.headers.get("Cookie", "").split(";"))
    return next((value.strip('"') for found, _, value in pairs if found == name), None)


def require_own_page(request: Any) -> None:
    """Raises: `Forbidden` (csrf) if a foreign page may have sent the request."""
    origin = request.headers.get("Origin")
    own = {request.host_url.lower(), request.registry.platform.settings.public_url.lower()}
    is_own = (
        "X-Requested-With" in request.headers
        and (origin is None or origin.lower() in own)
        and request.headers.get("Sec-Fetch-Site") in _SITES
    )
    if not is_own:
        raise Forbidden("Only our own pages may do this, with the header X-Requested-With.", code="csrf")


def cookie_name(request: Any, name: str) -> str:
    """Return the name that our cookie has here: over HTTPS, with the prefix that ties it to this host."""
    return f"__Host-{name}" if request.registry.platform.settings.is_secure else name


def cookie_header(request: Any, name: str, value: str, max_age_seconds: int) -> tuple[str, str]:
    """Return the Set-Cookie header of a cookie that no script reads and no foreign page makes the browser send."""
    cookie = make_cookie(
        cookie_name(request, name),
        value,
        max_age=max_age_seconds,
        path="/",
        secure=request.registry.platform.settings.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return "Set-Cookie", cookie
