"""Components of the OpenAPI document that operations share: headers, security schemes, error responses."""

from __future__ import annotations

from typing import Any

from crmtenant import errors
from crmtenant.api.docs.schemas import PREFIX
from crmtenant.api.web.errors import STATUSES

Json = dict[str, Any]

_TEXT = {"type": "string"}
_ETAG = '"c_abcdefghijklmnopqrstuvwxyz.1.contact.42.3"'


def _request_header(name: str, description: str, schema: Json, example: str) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
        "example": example,
    }


REQUEST_HEADERS: Json = {
    "Idempotency-Key": _request_header(
        "Idempotency-Key",
        "A repeated request with the same key gets the stored response and has no further effect. Kept for 24 hours.",
        {"type": "string", "pattern": r"^[!#$%&'*+.^_`|~0-9A-Za-z\-]{1,64}$"},
        "first-task",
    ),
    "If-Match": _request_header(
        "If-Match",
        "Proceed only if this is still the ETag of the item; otherwise 412, with the current item.",
        _TEXT,
        _ETAG,
    ),
    "If-None-Match": _request_header("If-None-Match", "Answer 304 if this is still the ETag.", _TEXT, _ETAG),
    "X-Requested-With": _request_header(
        "X-Requested-With",
        "Any value; proves that the request comes from a script of our own page.",
        _TEXT,
        "crmtenant",
    ),
}

RESPONSE_HEADERS: Json = {
    "ETag": {"description": "The version of the item, for If-Match and If-None-Match.", "schema": _TEXT},
    "Batch": {
        "description": "What the request did to many items in one go, to undo it; absent where it did not.",
        "schema": {"type": "integer"},
    },
    "Location": {"description": "The address of the new item.", "schema": _TEXT},
    "Content-Disposition": {"description": "The name of the file.", "schema": _TEXT},
    "Set-Cookie": {
        "description": "The cookie with the refresh token, and that of the known device after a sign-in.",
        "schema": _TEXT,
    },
    "Idempotent-Replayed": {
        "description": "Sent with the stored response when the key has been used before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit": {
        "description": "How many requests are left of the company's limit, where there is one, and the seconds until"
        " there are more.",
        "schema": _TEXT,
        "example": '"company";r=0;t=1',
    },
    "RateLimit-Policy": {
        "description": "The limit: so many requests at once, and the seconds until all of them are there again.",
        "schema": _TEXT,
        "example": '"company";q=1000;w=10',
    },
    "WWW-Authenticate": {"description": "The kind of token required (RFC 6750).", "schema": _TEXT},
}

SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token from a registration or sign-in.",
    },
    "refresh_cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-rt",
        "description": "The refresh token that a browser keeps; the cookie is called rt over plain HTTP.",
    },
}

_ERROR_HEADERS: dict[type[errors.DomainError], tuple[str, ...]] = {
    errors.Unauthenticated: ("WWW-Authenticate",),
    errors.TooMany: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    errors.Unavailable: ("Retry-After",),
}


def problems() -> Json:
    """Return every error response by the name of its error."""
    return {error.__name__: _problem(error) for error in STATUSES}


def _problem(error: type[errors.DomainError]) -> Json:
    schema = "StaleProblem" if error is errors.Stale else "Problem"
    status, _, title = STATUSES[error].partition(" ")
    example: Json = {
        "type": f"urn:crmtenant:problem:{error.code}",
        "title": title,
        "status": int(status),
        "detail": " ".join((error.__doc__ or "").split()),
        "code": error.code,
        "request_id": "3f9a1c0b5d7e2468",
    }
    if error is errors.Invalid:
        example["errors"] = [{"pointer": "/name", "code": "required", "detail": "This must not be empty."}]
    if error is errors.Stale:
        example["current"] = {"id": 42, "version": 4}
    described_by = {"schema": {"$ref": PREFIX + schema}, "example": example}
    content = {"application/problem+json": described_by}
    described: Json = {"description": " ".join((error.__doc__ or "").split()), "content": content}
    names = _ERROR_HEADERS.get(error)
    if names:
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return described
