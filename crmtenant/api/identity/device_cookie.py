"""The cookie by which a browser is known as a device on which somebody has signed in."""

from __future__ import annotations

from typing import Any

from crmtenant.api.identity.refresh_cookie import cookie_header, cookie_name, cookie_value
from crmtenant.api.web.http import Headers
from crmtenant.clock import now
from crmtenant.security.device_cookies import LIFETIME
from crmtenant.services.identity.sign_ins import SignedIn

_NAME = "device"


def device_cookie(request: Any) -> str | None:
    """Return the cookie's value, or None."""
    return cookie_value(request, cookie_name(request, _NAME))


def device_headers(request: Any, signed_in: SignedIn, transport: str) -> Headers:
    """Return the header that makes a known device of the browser whose user has just proven the password. A client
    without cookies gets none."""
    if transport == "body":
        return []
    devices = request.registry.platform.identity.devices
    value = devices.issue(signed_in.user_id, signed_in.token_version, signed_in.session_id, now())
    return [cookie_header(request, _NAME, value, int(LIFETIME.total_seconds()))]
