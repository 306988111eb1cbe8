"""Access tokens: compact JWTs (RFC 7519, RFC 9068, RFC 8725), verified strictly.

PyJWT verifies the signature. Everything else is checked here, because a general library must accept what we never
issue. The header is not even parsed: it must equal, byte for byte, one that we write ourselves.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from crmtenant.errors import Unauthenticated
from crmtenant.ids import is_id, new_id
from crmtenant.lru_cache import LruCache
from crmtenant.security.keyring import Keyring
from crmtenant.security.keys import derived_key
from crmtenant.security.opaque_tokens import new_jti

ALGORITHM = "HS256"
TYPE = "at+jwt"
ISSUER = "crmtenant"
AUDIENCE = "crmtenant-api"
MAX_LENGTH = 1600
MAX_LIFETIME_SECONDS = 900
LEEWAY_SECONDS = 10
CACHED_TOKENS = 4096

_CLAIMS = frozenset({"iss", "aud", "sub", "tid", "tv", "iat", "nbf", "exp", "jti"})
_MAX_INTEGER = 2**53 - 1
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})")
_JTI = re.compile(r"([a-z2-7]{26})\.[A-Za-z0-9_-]{22}")
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a valid token. `expires_at` is in seconds since the epoch; `session_id` is its sign-in."""

    user_id: str
    tenant_id: str
    token_version: int
    expires_at: int
    session_id: str


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str
    secret: bytes
    header: str


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keys of the current secrets, and a cache of the tokens read with them."""

    secrets: tuple[str, ...]
    first: _Key
    by_header: dict[str, _Key]
    read: LruCache[str, Claims]


class Tokens:
    """Issues tokens with the key of the keyring's first secret and reads them with the keys of all its secrets."""

    def __init__(self, keyring: Keyring, ttl_seconds: int, clock: Callable[[], float] = time.time) -> None:
        self._keyring = keyring
        self._cached_ring = _ring(keyring.secrets())
        self._clock = clock
        self._jws = jwt.PyJWS(algorithms=[ALGORITHM], options={"enforce_minimum_key_length": True})
        self.ttl_seconds = ttl_seconds

    def issue(
        self,
        user_id: str,
        tenant_id: str,
        token_version: int,
        issued_at: float | None = None,
        jti: str | None = None,
        *,
        session_id: str | None = None,
    ) -> str:
        """Return a token for this person in this company, valid for `ttl_seconds` from `issued_at` (default: now)."""
        issued = int(self._clock() if issued_at is None else issued_at)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user_id,
            "tid": tenant_id,
            "tv": token_version,
            "iat": issued,
            "nbf": issued,
            "exp": issued + self.ttl_seconds,
            "jti": jti or new_jti(session_id or new_id("f")),
        }
        payload = json.dumps(claims, separators=(",", ":")).encode()
        key = self._ring().first
        return self._jws.encode(payload, key.secret, ALGORITHM, {"kid": key.kid, "typ": TYPE})

    def read(self, token: str) -> Claims:
        """Return the token's claims.

        Raises: `Unauthenticated`, the same for every reason but one: for a valid token that is merely too old the
        code is `token_expired`.
        """
        ring = self._ring_for(token)
        claims = ring.read.get(token)
        if claims is None:
            claims = self._verified(token, ring)
            ring.read.put(token, claims)
        if self.has_expired(claims):
            raise Unauthenticated("The access token has expired.", code="token_expired")
        return claims

    def has_expired(self, claims: Claims) -> bool:
        """Return whether the token of these claims is too old by now."""
        return self._clock() >= claims.expires_at + LEEWAY_SECONDS

    def _ring(self, *, at_once: bool = False) -> _Ring:
        secrets = self._keyring.secrets(at_once=at_once)
        if secrets != self._cached_ring.secrets:
            self._cached_ring = _ring(secrets)
        return self._cached_ring

    def _ring_for(self, token: str) -> _Ring:
        """Return the cached ring or, if it has no key for the token, a fresh one: another process may have signed
        with a key that was added just now."""
        ring = self._ring()
        return ring if token.partition(".")[0] in ring.by_header else self._ring(at_once=True)

    def _verified(self, token: str, ring: _Ring) -> Claims:
        try:
            return _claims(_strict_json(self._signed_payload(token, ring)), self._clock())
        except (ValueError, RecursionError, jwt.PyJWTError):
            raise Unauthenticated from None

    def _signed_payload(self, token: str, ring: _Ring) -> bytes:
        """Return the payload's bytes, verified. Raises: `ValueError` if the token does not have our format."""
        shape = _SHAPE.fullmatch(token) if len(token) <= MAX_LENGTH else None
        if shape is None:
            raise ValueError("not the shape of a token")
        header, *rest = shape.groups()
        key = ring.by_header.get(header)
        if key is None or not all(map(_is_canonical, rest)):
            raise ValueError("not a header or an encoding of ours")
        payload: bytes = self._jws.decode(token, key.secret, [ALGORITHM])
        return payload


def bearer(header_values: Sequence[str]) -> str | None:
    """Return the token of the Authorization header (RFC 6750, section 2.1), or None without such a header.

    Raises: `Unauthenticated` for two headers, another scheme, or anything but exactly one token.
    """
    if not header_values:
        return None
    match = _BEARER.fullmatch(header_values[0]) if len(header_values) == 1 else None
    if match is None:
        # Another scheme is no token that could be wrong (RFC 6750, section 3.1).
        raise Unauthenticated(is_of_token=header_values[0].lower().startswith("bearer"))
    return match[1]


def _ring(secrets: tuple[str, ...]) -> _Ring:
    first, *rest = map(_key, secrets)
    return _Ring(secrets, first, {key.header: key for key in (first, *rest)}, LruCache(CACHED_TOKENS))


def _key(secret: str) -> _Key:
    material = derived_key(secret, "access-token")
    kid = hashlib.sha256(material).hexdigest()[:12]
    header = json.dumps({"alg": ALGORITHM, "kid": kid, "typ": TYPE}, separators=(",", ":")).encode()
    return _Key(kid, material, base64.urlsafe_b64encode(header).rstrip(b"=").decode())


def _is_canonical(segment: str) -> bool:
    """Return whether no other text decodes to the same bytes (RFC 4648, section 3.5)."""
    try:
        raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        return False
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == segment


def _strict_json(payload: bytes) -> dict[str, Any]:
    """Return the payload as an object without duplicate names. Raises: `ValueError`."""
    value = json.loads(payload.decode("utf-8"), object_pairs_hook=_unique)
    if type(value) is not dict:
        raise ValueError("not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _claims(claims: dict[str, Any], now: float) -> Claims:
    """Return the claims if they are exactly ours and valid at `now` or expired. Raises: `ValueError` otherwise."""
    if claims.keys() != _CLAIMS or claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
        raise ValueError("not our claims")
    issued, expires = _moments(claims, now)
    session = _JTI.fullmatch(_text(claims["jti"]))
    user_id, tenant_id = _text(claims["sub"]), _text(claims["tid"])
    is_somebody = is_id("u", user_id) or is_id("s", user_id)
    if session is None or not is_somebody or not is_id("c", tenant_id):
        raise ValueError("not our ids")
    if not 0 < expires - issued <= MAX_LIFETIME_SECONDS:
        raise ValueError("not a lifetime of ours")
    return Claims(user_id, tenant_id, _integer(claims["tv"]), expires, f"f_{session[1]}")


def _moments(claims: dict[str, Any], now: float) -> tuple[int, int]:
    """Return when the token was issued and when it expires, in seconds since the epoch."""
    issued, not_before, expires = (_integer(claims[name]) for name in ("iat", "nbf", "exp"))
    if max(issued, not_before) > now + LEEWAY_SECONDS:
        raise ValueError("from the future")
    return issued, expires


def _integer(value: Any) -> int:
    # A bool is an int to isinstance; NaN is a float.
    if type(value) is not int or not 0 < value <= _MAX_INTEGER:
        raise ValueError("not an integer of ours")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("not a text")
    return value
