"""Opaque tokens: unguessable texts that are shown once and of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits as base64url text."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 that is stored in place of the token. A salt or a slow hash would add nothing: the
    token is random and long."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_jti(session_id: str, random: str | None = None) -> str:
    """Return the `jti` claim of an access token. It also names the token's sign-in (`f_...`), so that both
    end together."""
    return f"{session_id.removeprefix('f_')}.{random or secrets.token_urlsafe(16)}"
