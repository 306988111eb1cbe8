"""The parts of the OpenAPI document that operations share: headers, ways to sign in, refusals."""

from __future__ import annotations

from typing import Any

from crmtenant import errors
from crmtenant.api.web.errors import STATUSES

Json = dict[str, Any]

_TEXT = {"type": "string"}


def _request_header(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


REQUEST_HEADERS: Json = {
    "Idempotency-Key": _request_header(
        "Idempotency-Key",
        "Send the same key again to be given the same answer instead of doing it twice. Kept for 24 hours.",
        {"type": "string", "pattern": r"^[!#$%&'*+.^_`|~0-9A-Za-z\-]{1,64}$"},
    ),
    "If-Match": _request_header(
        "If-Match", "Only if this is still the item's ETag; otherwise 412, with the item as it is now.", _TEXT
    ),
    "If-None-Match": _request_header("If-None-Match", "Only if this is no longer the ETag; else 304.", _TEXT),
    "X-Requested-With": _request_header(
        "X-Requested-With", "Any value; shows that the request comes from a script of our own page.", _TEXT
    ),
}

RESPONSE_HEADERS: Json = {
    "ETag": {"description": "The version of the item, for If-Match and If-None-Match.", "schema": _TEXT},
    "Location": {"description": "The address of what was made.", "schema": _TEXT},
    "Content-Disposition": {"description": "The name of the file.", "schema": _TEXT},
    "Set-Cookie": {"description": "The refresh token's cookie.", "schema": _TEXT},
    "Idempotent-Replayed": {
        "description": "Sent when the key had been used: this is the answer of that time.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "What kind of token is wanted (RFC 6750).", "schema": _TEXT},
}

SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a registration or sign-in.",
    },
    "refresh_cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-rt",
        "description": "What a browser keeps between visits; called rt where people come by plain http.",
    },
}

_REFUSAL_HEADERS: dict[type[errors.DomainError], str] = {
    errors.Unauthenticated: "WWW-Authenticate",
    errors.TooMany: "Retry-After",
    errors.Unavailable: "Retry-After",
}


def problems() -> Json:
    """Every refusal there is, by the name of its error."""
    return {error.__name__: _problem(error) for error in STATUSES}


def _problem(error: type[errors.DomainError]) -> Json:
    schema = "StaleProblem" if error is errors.Stale else "Problem"
    content = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    described: Json = {"description": " ".join((error.__doc__ or "").split()), "content": content}
    header = _REFUSAL_HEADERS.get(error)
    if header:
        described["headers"] = {header: {"$ref": f"#/components/headers/{header}"}}
    return described
