"""Opaque identifiers for what lives in the catalog."""

from __future__ import annotations

import base64
import re
import secrets

_OPAQUE = re.compile(r"[a-z]_[a-z2-7]{26}")


def new_id(kind: str) -> str:
    """A fresh opaque id, such as `c_` and 26 base32 characters: 128 random bits, two of padding cut."""
    return f"{kind}_{base64.b32encode(secrets.token_bytes(17))[:26].decode().lower()}"


def is_id(kind: str, value: str) -> bool:
    """Whether `value` is spelled like an id of this kind."""
    return value.startswith(f"{kind}_") and _OPAQUE.fullmatch(value) is not None
