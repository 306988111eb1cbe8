"""The sign-in that a registration ends with, the same each time the registration is asked for again."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from crmtenant.security.keys import derived_text
from crmtenant.security.opaque_tokens import new_jti

#: what a login begins with; the same answer must come again even after the version was bumped
FIRST_TOKEN_VERSION = 1


@dataclass(frozen=True, slots=True)
class FirstSession:
    """What is otherwise random about a sign-in: its id, its first refresh secret, its access token's jti."""

    family_id: str
    secret: str
    jti: str


def first_session(key: bytes, tenant_id: str) -> FirstSession:
    """The sign-in of whoever registered this company. Derived, so nothing secret need be kept for replays;
    `key` comes from the signing secret, so nobody else can derive it."""
    digest = hmac.digest(key, f"family:{tenant_id}".encode(), hashlib.sha256)
    family_id = f"f_{base64.b32encode(digest)[:26].decode().lower()}"
    secret = derived_text(key, f"refresh:{tenant_id}", 32)
    return FirstSession(family_id, secret, new_jti(family_id, derived_text(key, f"jti:{tenant_id}", 16)))


def request_digest(key: bytes, document: str) -> bytes:
    """What stands for a registration's request, password included. Keyed, so that whoever reads the catalog
    cannot try passwords against it."""
    return hmac.digest(key, b"request:" + document.encode(), hashlib.sha256)
