"""The first thing a request meets: what cannot be a request of ours goes no further.

One address has one spelling, so neither caches nor tests nor people can meet a row under two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from pyramid.response import Response
from pyramid.tweens import INGRESS
from pyramid.viewderivers import INGRESS as BEFORE_VIEWS

from crmtenant.api.web.errors import problem, problem_of
from crmtenant.api.web.http import is_api, is_unsafe, query_pairs, read_json
from crmtenant.errors import DomainError, Malformed, NotFound
from crmtenant.resources.links import API
from crmtenant.schemas.base import NoBody, load, load_query
from crmtenant.schemas.query import NoQuery

MAX_QUERY_LENGTH = 8192
#: Asked by load balancers, which call hosts by their number.
HEALTH = f"{API}/health"

Handler = Callable[[Any], Response]


def guard_factory(handler: Handler, registry: Any) -> Handler:
    """The tween: refuses by host and spelling, and names every answer by its request's id."""
    hosts = registry.platform.settings.allowed_hosts
    takes_any_host = "*" in hosts

    def is_for_us(environ: dict[str, Any]) -> bool:
        if takes_any_host or _host_name(environ.get("HTTP_HOST", "")) in hosts:
            return True
        return environ.get("PATH_INFO") == HEALTH

    def answered(request: Any) -> Response:
        environ = request.environ
        if not is_for_us(environ):
            return problem(
                request, "421 Misdirected Request", "unknown_host", "This host is not served here."
            )
        try:
            _check_path(environ)
            if environ.get("QUERY_STRING"):
                _check_query(environ["QUERY_STRING"])
        except DomainError as refusal:
            return problem_of(request, refusal)
        return handler(request)

    def guard(request: Any) -> Response:
        response = answered(request)
        # Appended, because to set one header webob looks through all of them.
        response.headerlist.append(("X-Request-Id", request.request_id))
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
    is_odd = (
        "%" in raw or "//" in path or "/." in path or "@@" in path or path.endswith("/") or "\x00" in path
    )
    if is_odd:
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
        raise Malformed("The query holds a NUL character.", code="invalid_encoding")


def at_its_address_only(view: Any, info: Any) -> Any:
    """The view, not found below its own address."""
    if info.exception_only:
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.subpath and is_api(request):
            raise NotFound
        return view(context, request)

    return wrapped


def without_query(view: Any, info: Any) -> Any:
    """The view; one that declares no query refuses every parameter instead of ignoring it."""
    if info.exception_only or info.options.get("query") is not None:
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.environ.get("QUERY_STRING") and is_api(request):
            load_query(NoQuery, query_pairs(request))
        return view(context, request)

    return wrapped


def without_body(view: Any, info: Any) -> Any:
    """The view; one that declares no body takes none but an empty object."""
    if info.exception_only or info.options.get("body") is not None or info.options.get("media") is not None:
        return view

    def wrapped(context: Any, request: Any) -> Response:
        if request.content_length and is_unsafe(request) and is_api(request):
            load(NoBody, read_json(request))
        return view(context, request)

    return wrapped


def includeme(config: Any) -> None:
    """Nothing comes back; the guard stands before everything else."""
    config.add_tween("crmtenant.api.web.guard.guard_factory", under=INGRESS)
    # Not a subscriber: where there is one, Pyramid makes and sends four events at every request.
    config.add_view_deriver(at_its_address_only, under=BEFORE_VIEWS, over="secured_view")
    config.add_view_deriver(without_query, name="without_query", under="secured_view")
    config.add_view_deriver(without_body, name="without_body", under="secured_view")
