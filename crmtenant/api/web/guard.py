"""The first check of every request: host, path and query.

Every address has exactly one spelling, so that no item can be found under two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from pyramid.response import Response
from pyramid.tweens import INGRESS
from pyramid.viewderivers import INGRESS as BEFORE_VIEWS

from crmtenant.api.web.errors import problem_of
from crmtenant.api.web.headers import HSTS
from crmtenant.api.web.http import SAFE_METHODS, is_api, is_unsafe, query_pairs, read_json
from crmtenant.api.web.view_options import methods_of
from crmtenant.errors import DomainError, Malformed, Misdirected, NotFound
from crmtenant.resources.links import API
from crmtenant.schemas.base import NoBody, load, load_query
from crmtenant.schemas.query import NoQuery

MAX_QUERY_LENGTH = 8192
#: Requested by load balancers, which address hosts by IP.
HEALTH = f"{API}/health"

Handler = Callable[[Any], Response]


def guard_factory(handler: Handler, registry: Any) -> Handler:
    """Return the tween that checks host, path and query, and sends the request id with every response."""
    platform = registry.platform
    hosts = platform.settings.allowed_hosts
    takes_any_host = "*" in hosts

    def is_served_host(environ: dict[str, Any]) -> bool:
        if takes_any_host or _host_name(environ.get("HTTP_HOST", "")) in hosts:
            return True
        return environ.get("PATH_INFO") == HEALTH

    def checked(request: Any) -> Response:
        environ = request.environ
        if not is_served_host(environ):
            return problem_of(request, Misdirected("This host is not served here."))
        try:
            _check_path(environ)
            if environ.get("QUERY_STRING"):
                _check_query(environ["QUERY_STRING"])
        except DomainError as refusal:
            return problem_of(request, refusal)
        return handler(request)

    def guard(request: Any) -> Response:
        response = checked(request)
        # Appended, because webob searches all headers to set one.
        response.headerlist.append(("X-Request-Id", request.request_id))
        if platform.settings.is_secure:
            response.headerlist.append(HSTS)
        return response

    return guard


def _host_name(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _check_path(environ: dict[str, Any]) -> None:
    path = environ.get("PATH_INFO", "")
    if not path.isascii():
        _check_utf8(path.encode("latin-1"))
    if not path.startswith(API):
        return
    raw = environ.get("REQUEST_URI", "").partition("?")[0]
    is_not_canonical = (
        "%" in raw or "//" in path or "/." in path or "@@" in path or path.endswith("/") or "\x00" in path
    )
    if is_not_canonical:
        raise NotFound


def _check_utf8(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The address is not UTF-8.", code="invalid_encoding") from None


def _check_query(text: str) -> None:
    if len(text) > MAX_QUERY_LENGTH:
        raise Malformed("The query is too long.", code="query_too_long")
    raw = unquote_to_bytes(text.encode("latin-1"))
    _check_utf8(raw)
    if b"\x00" in raw:
        raise Malformed("The query contains a NUL character.", code="invalid_encoding")


def exact_path(view: Any, info: Any) -> Any:
    """Derive a view that answers 404 below its own address."""
    if info.exception_only:
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.subpath and is_api(request):
            raise NotFound
        return view(context, request)

    return wrapped


def without_query(view: Any, info: Any) -> Any:
    """Derive a view that refuses parameters, unless it declares a query."""
    if info.exception_only or info.options.get("query") is not None:
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.environ.get("QUERY_STRING") and is_api(request):
            load_query(NoQuery, query_pairs(request))
        return view(context, request)

    return wrapped


def without_body(view: Any, info: Any) -> Any:
    """Derive a view that accepts no body but an empty object, unless it declares a body or cannot write."""
    if info.exception_only or info.options.get("body") is not None or info.options.get("media") is not None:
        return view
    if SAFE_METHODS.issuperset(methods_of(info)):
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.content_length and is_unsafe(request) and is_api(request):
            load(NoBody, read_json(request))
        return view(context, request)

    return wrapped


def includeme(config: Any) -> None:
    """Register the guard before everything else."""
    config.add_tween("crmtenant.api.web.guard.guard_factory", under=INGRESS)
    # Not a subscriber: if there is any, Pyramid creates and sends four events on every request.
    config.add_view_deriver(exact_path, under=BEFORE_VIEWS, over="secured_view")
    config.add_view_deriver(without_query, name="without_query", under="secured_view")
    config.add_view_deriver(without_body, name="without_body", under="secured_view")
