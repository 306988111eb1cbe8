"""Device cookies: what lets a device on which somebody has signed in guess on its own account.

A cookie is signed for one login, one device and one version of the login's tokens, so that of another login, a forged
one and one from before the password was changed are worth nothing. It opens nothing by itself. (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies")
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from crmtenant.security.keys import derived_text

LIFETIME = timedelta(days=365)
_MAC_BYTES = 24
_MAX_LENGTH = 200


class DeviceCookies:
    """Signs and checks device cookies. `keys`: the first signs, all verify."""

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        self._keys = keys

    def issue(self, user_id: str, token_version: int, device_id: str, moment: datetime) -> str:
        """Return the cookie of this device, which is named by the sign-in that proved the password on it."""
        issued = f"{device_id}.{int(moment.timestamp())}"
        return f"{issued}.{_mac(self._keys()[0], issued, user_id, token_version)}"

    def device_of(self, cookie: str | None, user_id: str, token_version: int, moment: datetime) -> str | None:
        """Return the id of the device that the cookie was issued to for this login, or None if it is not valid."""
        issued, _, mac = (cookie or "")[:_MAX_LENGTH].rpartition(".")
        device_id, _, seconds = issued.rpartition(".")
        found = mac.encode("utf-8", "surrogatepass")
        is_signed = any(
            hmac.compare_digest(_mac(key, issued, user_id, token_version).encode(), found)
            for key in self._keys()
        )
        if not is_signed or moment.timestamp() - int(seconds) > LIFETIME.total_seconds():
            return None
        return device_id


def _mac(key: bytes, issued: str, user_id: str, token_version: int) -> str:
    subject = f"{user_id}:{token_version}:{issued.encode('unicode_escape').decode()}"
    return derived_text(key, subject, _MAC_BYTES)
