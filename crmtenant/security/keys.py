"""Keys derived from the configured secret, each for a single purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac


def derived_key(secret: str, purpose: str) -> bytes:
    """Return 32 bytes that only the holder of `secret` can derive, different for every purpose (HMAC-SHA256)."""
    return hmac.digest(secret.encode(), f"crmtenant:{purpose}".encode(), hashlib.sha256)


def derived_text(key: bytes, subject: str, byte_count: int) -> str:
    """Return an unguessable base64url text, always the same for the same key and subject."""
    digest = hmac.digest(key, subject.encode(), hashlib.sha256)[:byte_count]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
