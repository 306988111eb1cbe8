"""Tokens made by hand, byte by byte, so that nothing is corrected on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from crmtenant.security.keys import derived_key

SECRET = "the signing secret of these tests, long enough"
NOW = 1_800_000_000
LOGIN, TENANT, SESSION = "u_" + "a" * 26, "c_" + "b" * 26, "f_" + "c" * 26
KEY = derived_key(SECRET, "access-token")
KID = hashlib.sha256(KEY).hexdigest()[:12]
HEADER: dict[str, Any] = {"alg": "HS256", "kid": KID, "typ": "at+jwt"}
CLAIMS: dict[str, Any] = {
    "iss": "crmtenant",
    "aud": "crmtenant-api",
    "sub": LOGIN,
    "tid": TENANT,
    "tv": 3,
    "iat": NOW,
    "nbf": NOW,
    "exp": NOW + 900,
    "jti": "c" * 26 + "." + "d" * 22,
}


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def dumped(value: Any) -> bytes:
    """JSON without spaces; bytes as they are."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def signed(header: Any = HEADER, payload: Any = CLAIMS, key: bytes = KEY, digest: str = "sha256") -> str:
    """A token with a signature that holds, whatever stands in it."""
    body = f"{b64(dumped(header))}.{b64(dumped(payload))}"
    return f"{body}.{b64(hmac.digest(key, body.encode(), digest))}"


def with_header(**changes: Any) -> str:
    """Validly signed, with these header members instead."""
    return signed(header={**HEADER, **changes})


def with_claims(**changes: Any) -> str:
    """Validly signed, with these claims instead."""
    return signed(payload={**CLAIMS, **changes})


def without(part: str, name: str) -> str:
    """Validly signed, with one member of the header or of the claims missing."""
    whole = HEADER if part == "header" else CLAIMS
    rest = {key: value for key, value in whole.items() if key != name}
    return signed(header=rest) if part == "header" else signed(payload=rest)


def raw_claims(text: str) -> str:
    """Validly signed claims with `text` put in before the closing brace."""
    return signed(payload=dumped(CLAIMS)[:-1] + text.encode() + b"}")


def replaced_claim(name: str, literal: str) -> str:
    """Validly signed claims in which `name` has this literal, which need not be JSON."""
    text = json.dumps({**CLAIMS, name: "@@"}, separators=(",", ":")).replace('"@@"', literal)
    return signed(payload=text.encode())
