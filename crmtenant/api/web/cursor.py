"""Cursors: where a list continues. Each is signed for one company, one list and one order.

The first key signs. Cursors signed with one of the others, which are its predecessors, are still accepted.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import orjson

from crmtenant.errors import FieldError, Malformed

_MAC_BYTES = 12


def written(keys: Sequence[bytes], scope: str, after: tuple[Any, int]) -> str:
    """Return the cursor that continues after this sort value and id, within this scope."""
    payload = orjson.dumps(after)
    return base64.urlsafe_b64encode(_mac(keys[0], scope, payload) + payload).rstrip(b"=").decode()


def read(keys: Sequence[bytes], scope: str, cursor: str) -> tuple[Any, int]:
    """Return the sort value and id after which the cursor continues.

    Raises:
        Malformed: the cursor is not one of this scope.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refusal() from None
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not any(hmac.compare_digest(mac, _mac(key, scope, payload)) for key in keys):
        raise _refusal()
    value, row_id = orjson.loads(payload)
    return value, row_id


def _mac(key: bytes, scope: str, payload: bytes) -> bytes:
    return blake2b(scope.encode() + b"\n" + payload, key=key, digest_size=_MAC_BYTES).digest()


def _refusal() -> Malformed:
    field_error = FieldError("cursor", "invalid_cursor", "This is not a cursor of this list in this order.")
    return Malformed("The query has errors.", code="invalid_query", field_errors=(field_error,))
