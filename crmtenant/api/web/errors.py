"""Errors as problem documents (RFC 9457). The only place that knows the status of each error."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import Any

import orjson
import structlog
from pyramid.exceptions import PredicateMismatch, URLDecodeError
from pyramid.httpexceptions import HTTPException, HTTPForbidden, HTTPNotFound
from pyramid.response import Response
from pyramid.view import exception_view_config

from crmtenant import errors
from crmtenant.api.web.http import PRIVATE, is_api
from crmtenant.db.errors import as_domain_error

log = structlog.get_logger("crmtenant.errors")

STATUSES: dict[type[errors.DomainError], str] = {
    errors.Malformed: "400 Bad Request",
    errors.Unauthenticated: "401 Unauthorized",
    errors.Forbidden: "403 Forbidden",
    errors.NotFound: "404 Not Found",
    errors.Conflict: "409 Conflict",
    errors.Stale: "412 Precondition Failed",
    errors.TooLarge: "413 Content Too Large",
    errors.Unsupported: "415 Unsupported Media Type",
    errors.Misdirected: "421 Misdirected Request",
    errors.Invalid: "422 Unprocessable Content",
    errors.TooMany: "429 Too Many Requests",
    errors.Unavailable: "503 Service Unavailable",
    errors.StorageFull: "507 Insufficient Storage",
}


def problem(
    request: Any,
    status: str,
    code: str,
    detail: str,
    *,
    headers: tuple[tuple[str, str], ...] = (),
    **more: Any,
) -> Response:
    """Return a response with a problem document."""
    number, _, title = status.partition(" ")
    document = {
        "type": f"urn:crmtenant:problem:{code}",
        "title": title,
        "status": int(number),
        "detail": detail,
        "code": code,
        "request_id": request.request_id,
        **more,
    }
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    own = (
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
    )
    return Response(app_iter=[body], status=status, headerlist=[*own, *PRIVATE, *headers])


def problem_of(request: Any, error: errors.DomainError) -> Response:
    """Return the problem document of a domain error."""
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    more: dict[str, Any] = {}
    if isinstance(error, errors.Malformed | errors.Invalid) and error.field_errors:
        more["errors"] = [
            {"pointer": field_error.pointer, "code": field_error.code, "detail": field_error.detail}
            for field_error in error.field_errors
        ]
    if isinstance(error, errors.Stale):
        more["current"] = error.current
    if isinstance(error, errors.QuotaExceeded | errors.StorageQuotaExceeded):
        more["quota"] = asdict(error.quota)
    return problem(request, status, error.reason, error.detail, headers=_headers_of(error), **more)


def _headers_of(error: errors.DomainError) -> tuple[tuple[str, str], ...]:
    if isinstance(error, errors.Unauthenticated):
        # RFC 6750, section 3.1: who sent no token is told of no error. Something has to follow the scheme.
        challenge = 'error="invalid_token"' if error.is_of_token else 'realm="crmtenant"'
        return (("WWW-Authenticate", f"Bearer {challenge}"),)
    if isinstance(error, errors.TooMany | errors.Unavailable):
        return (("Retry-After", str(error.retry_after_seconds)),)
    return ()


@exception_view_config(errors.DomainError)
def domain_error(error: errors.DomainError, request: Any) -> Response:
    """Answer with the problem document of a domain error."""
    return problem_of(request, error)


@exception_view_config(HTTPForbidden)
def forbidden(_: HTTPForbidden, request: Any) -> Response:
    """Answer 401 without an identity, 403 without the permission of the view."""
    identity = getattr(getattr(request, "root", None), "identity", None)
    if identity is None:
        return problem_of(
            request, errors.Unauthenticated(is_of_token="HTTP_AUTHORIZATION" in request.environ)
        )
    return problem_of(request, errors.Forbidden())


@exception_view_config(HTTPNotFound)
def not_found(_: HTTPNotFound, request: Any) -> Response:
    """Answer 404: there is no such resource or view."""
    return problem_of(request, errors.NotFound())


@exception_view_config(PredicateMismatch)
def method_not_allowed(_: PredicateMismatch, request: Any) -> Response:
    """Answer 405 with the methods that the resource allows, or 404."""
    allowed = set() if request.subpath and is_api(request) else _methods(request)
    if not allowed:
        return problem_of(request, errors.NotFound())
    names = ", ".join(sorted(allowed))
    return problem(
        request,
        "405 Method Not Allowed",
        "method_not_allowed",
        f"Allowed methods: {names}.",
        headers=(("Allow", names),),
    )


def _methods(request: Any) -> set[str]:
    """Return the methods registered for the context's class and the view name."""
    registry = request.registry
    if not hasattr(registry, "methods_by_view"):
        registry.methods_by_view = _methods_by_view(registry.introspector)
    kinds = type(request.context).__mro__
    return set().union(*(registry.methods_by_view.get((kind, request.view_name), set()) for kind in kinds))


def _methods_by_view(introspector: Any) -> dict[tuple[type, str], set[str]]:
    found: dict[tuple[type, str], set[str]] = defaultdict(set)
    for entry in introspector.get_category("views"):
        view = entry["introspectable"]
        methods = view["request_methods"] or ()
        names = {methods} if isinstance(methods, str) else set(methods)
        names |= {"HEAD"} if "GET" in names else set()
        found[view["context"], view["name"]] |= names
    return found


@exception_view_config(URLDecodeError)
def undecodable(_: URLDecodeError, request: Any) -> Response:
    """Answer 400: the address is not UTF-8."""
    return problem_of(request, errors.Malformed("The address is not UTF-8.", code="invalid_encoding"))


@exception_view_config(HTTPException)
def http_error(error: HTTPException, request: Any) -> Response:
    """Answer with a problem document in place of Pyramid's own error page."""
    return problem(request, error.status, f"http_{error.status_int}", "The request was refused.")


@exception_view_config(Exception)
def unexpected(error: Exception, request: Any) -> Response:
    """Answer any other exception: a database error that we know, or 500 with the details in the log only."""
    known = as_domain_error(error)
    if known is not None:
        log.warning("refused_by_database", request_id=request.request_id, code=known.reason, exc_info=error)
        return problem_of(request, known)
    log.error("unexpected_error", request_id=request.request_id, exc_info=error)
    return problem(
        request,
        "500 Internal Server Error",
        "internal_error",
        "Something went wrong on our side; it has been logged.",
    )


def includeme(config: Any) -> None:
    """Register nothing: the scan finds the views above."""
