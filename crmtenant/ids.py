"""Opaque ids of the rows of the catalog."""

from __future__ import annotations

import base64
import re
import secrets

_OPAQUE = re.compile(r"[a-z]_[a-z2-7]{26}")


def new_id(kind: str) -> str:
    """Return a new random id: the kind, `_` and 26 base32 characters (130 bits)."""
    return f"{kind}_{base64.b32encode(secrets.token_bytes(17))[:26].decode().lower()}"


def is_id(kind: str, value: str) -> bool:
    """Return whether `value` has the form of an id of this kind."""
    return value.startswith(f"{kind}_") and _OPAQUE.fullmatch(value) is not None
