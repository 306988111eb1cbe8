"""The Idempotency-Key of every POST that writes to a company's own database."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from pyramid.response import Response

from crmtenant.api.web.http import PRIVATE, ApiResponse
from crmtenant.api.web.view_options import methods_of
from crmtenant.errors import FieldError, Malformed
from crmtenant.resources.base import Collection, Item, NumberedItem
from crmtenant.resources.tenant import Tenant
from crmtenant.services.entities import idempotency

_KEY = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Batch")


def idempotent(view: Any, info: Any) -> Any:
    """Derive a view that answers a repeated key with the stored response."""
    if info.exception_only or "POST" not in methods_of(info):
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.method != "POST" or "Idempotency-Key" not in request.headers:
            return view(context, request)
        if not isinstance(context, Collection | Item | NumberedItem):
            # It writes to the catalog, and its response may be a token, which must not go into a company's database.
            return view(context, request)
        return _answered(view, context, request, context.tenant)

    return wrapped


def idempotency_key(request: Any) -> str | None:
    """Return the request's key, or None.

    Raises:
        Malformed: it is not 1 to 64 token characters (RFC 9110).
    """
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        detail = "An Idempotency-Key must have 1 to 64 letters, digits or token characters."
        raise Malformed(
            detail,
            code="invalid_idempotency_key",
            field_errors=(FieldError("Idempotency-Key", "invalid_idempotency_key", detail),),
        )
    return key


def _answered(view: Any, context: Any, request: Any, tenant: Tenant) -> Response:
    key = idempotency_key(request)
    assert key is not None
    user_id = tenant.identity.user_id
    stored = idempotency.claim(tenant.session, user_id, key, _hash(request))
    if stored is None:
        response = view(context, request)
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        idempotency.keep(
            tenant.session,
            user_id,
            key,
            idempotency.StoredResponse(response.status_int, headers, response.body),
        )
        return response
    return ApiResponse(status=stored.status, body=stored.body, headerlist=_replayed(stored))


def _replayed(stored: idempotency.StoredResponse) -> list[tuple[str, str]]:
    length = [("Content-Length", str(len(stored.body)))]
    return [*stored.headers.items(), *length, *PRIVATE, ("Idempotent-Replayed", "true")]


def _hash(request: Any) -> bytes:
    parts = (
        request.method,
        request.environ.get("PATH_INFO", ""),
        request.environ.get("QUERY_STRING", ""),
        request.headers.get("Content-Type", ""),
    )
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.body).digest()


def includeme(config: Any) -> None:
    """Make every view answer once per key."""
    config.add_view_deriver(idempotent, name="idempotent", under="secured_view")
