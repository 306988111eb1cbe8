"""The first sign-in of a registration, which is the same each time the request is repeated."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from crmtenant.security.keys import derived_text
from crmtenant.security.opaque_tokens import new_jti

#: The version every login begins with. A repeated request gets this one even after the version has grown.
FIRST_TOKEN_VERSION = 1


@dataclass(frozen=True, slots=True)
class FirstSession:
    """What is random in other sign-ins: the id, the first refresh secret, the access token's jti."""

    family_id: str
    secret: str
    jti: str


def first_session(key: bytes, tenant_id: str) -> FirstSession:
    """Return the first sign-in to this company. It is derived, so no secret has to be stored for repeated requests;
    `key` comes from the signing secret, so nobody else can derive it."""
    digest = hmac.digest(key, f"family:{tenant_id}".encode(), hashlib.sha256)
    family_id = f"f_{base64.b32encode(digest)[:26].decode().lower()}"
    secret = derived_text(key, f"refresh:{tenant_id}", 32)
    return FirstSession(family_id, secret, new_jti(family_id, derived_text(key, f"jti:{tenant_id}", 16)))


def request_digest(key: bytes, document: str) -> bytes:
    """Return the hash of a registration request, password included. It is keyed, so that whoever reads the catalog
    cannot guess passwords with it."""
    return hmac.digest(key, b"request:" + document.encode(), hashlib.sha256)
