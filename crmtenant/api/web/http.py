"""Read requests strictly and build plain responses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from pyramid.decorator import reify
from pyramid.request import Request as PyramidRequest
from pyramid.response import Response

from crmtenant.db.pool.sessions import MANAGER
from crmtenant.errors import Malformed, TooLarge, Unsupported
from crmtenant.formats.strict_json import MOST_VALUES, STRICT, has_too_many_values

_ENCODED = re.compile(r'[-;]-?(gzip|br|deflate|zstd)"$')

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Headers = Iterable[tuple[str, str]]

#: No response is kept by a cache, a browser's included, nor for another token, nor for content sniffing.
PRIVATE: tuple[tuple[str, str], ...] = (
    ("Cache-Control", "no-store"),
    ("Vary", "Authorization"),
    ("X-Content-Type-Options", "nosniff"),
)


class Request(PyramidRequest):
    """A request with an id for the logs, and the transaction manager of its thread."""

    #: what pyramid_tm begins, commits and aborts
    tm = MANAGER

    #: Bodies stay in memory, not in files: the server has bounded them before they come here.
    request_body_tempfile_limit = 1 << 30

    @reify
    def request_id(self) -> str:
        """Sixteen random hexadecimal digits."""
        return secrets.token_hex(8)

    def copy_body(self) -> None:
        """Read the body into memory. webob would copy it to a temporary file and leave that open."""
        if self.is_body_readable:
            length = self.content_length
            self.body = self.body_file.read(-1 if length is None else length)


def is_api(request: Any) -> bool:
    """Return whether the request is for the resource tree, and not for the page or its files."""
    route = getattr(request, "matched_route", None)
    return route is not None and route.name in {"api", "api_root"}


def is_unsafe(request: Any) -> bool:
    """Return whether the request may write and so needs a transaction (pyramid_tm's activate_hook)."""
    return request.method not in SAFE_METHODS


def json_response(data: Any, status: str = "200 OK", headers: Headers = ()) -> Response:
    """Return a JSON response, built from its parts because webob assembles slowly."""
    return bytes_response(orjson.dumps(data, option=orjson.OPT_UTC_Z), "application/json", status, headers)


class ApiResponse(Response):
    """A response whose Location stays a path, as RFC 9110 allows: behind a proxy our own host is unknown."""

    def _abs_headerlist(self, environ: Any) -> Any:  # noqa: ARG002 (webob's hook)
        return self.headerlist


def bytes_response(body: bytes, content_type: str, status: str = "200 OK", headers: Headers = ()) -> Response:
    """Return a response with this body, not to be cached by others."""
    return ApiResponse(
        app_iter=[body],
        status=status,
        headerlist=[
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            *PRIVATE,
            *headers,
        ],
    )


def no_content(headers: Headers = ()) -> Response:
    """Return an empty 204 response."""
    return Response(status="204 No Content", headerlist=[*PRIVATE, *headers])


def query_text(request: Any) -> str:
    """Return the raw query string."""
    text: str = request.environ.get("QUERY_STRING", "")
    return text


def query_pairs(request: Any) -> list[tuple[str, str]]:
    """Return the decoded parameters of the request's query, in order."""
    return pairs_of(query_text(request))


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Return the decoded parameters of a query, in order. The guard has refused what cannot be decoded."""
    # WSGI carries bytes as latin-1; some clients send UTF-8 without escaping it.
    return parse_qsl(text.encode("latin-1").decode(), keep_blank_values=True) if text else []


def read_json(request: Any, max_bytes: int | None = None) -> Any:
    """Return the parsed JSON body.

    Raises:
        Unsupported: it has another media type or charset.
        TooLarge: it is longer than `max_bytes`, or has very many values.
        Malformed: it is not JSON, or an object has the same name twice.
    """
    _require_json(request)
    limit = max_bytes or request.registry.platform.settings.max_json_bytes
    body = read_body(request, limit)
    if has_too_many_values(body):
        raise TooLarge(f"The body may have at most {MOST_VALUES} values.", code="too_many_values")
    try:
        return STRICT.decode(body.decode("utf-8"))
    except RecursionError:
        raise Malformed("The JSON is nested too deeply.", code="invalid_json") from None
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.", code="invalid_json") from None
    except ValueError as problem:
        raise Malformed(f"The body is not JSON: {problem}", code="invalid_json") from None


def read_body(request: Any, max_bytes: int) -> bytes:
    """Return the raw body.

    Raises:
        Unsupported: it is compressed.
        TooLarge: it is longer than `max_bytes`.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("Send the body without Content-Encoding.")
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(f"The body may be at most {max_bytes} bytes long.")
    body: bytes = request.body
    if len(body) > max_bytes:
        raise TooLarge(f"The body may be at most {max_bytes} bytes long.")
    return body


def _require_json(request: Any) -> None:
    media_type, _, parameters = request.headers.get("Content-Type", "").partition(";")
    if media_type.strip().lower() not in {"application/json", "application/merge-patch+json"}:
        raise Unsupported("Send application/json.")
    for parameter in parameters.lower().split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise Unsupported("Send JSON in UTF-8.")


def etag_of(version: str, counted: str = "") -> str:
    """Return the ETag of a version, and of numbers that are counted from other rows on reading."""
    return f'"{version}+{counted}"' if counted else f'"{version}"'


def names_etag(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header matches this ETag, by weak comparison (RFC 9110, section 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in map(_as_sent, header.split(","))


def names_version(header: str, etag: str) -> bool:
    """Return whether an If-Match header matches this version; counted numbers do not make a write stale.

    A tag that a proxy has weakened counts as ours: it is a version, so that it is exact for every encoding of it.
    """
    if header.strip() == "*":
        return True
    return _version(etag) in (_version(_as_sent(part)) for part in header.split(","))


def _version(etag: str) -> str:
    return etag.strip('"').partition("+")[0]


def _as_sent(part: str) -> str:
    """Return the ETag as it was before a proxy compressed the response: nginx and others mark it W/, Apache adds the
    encoding."""
    return _ENCODED.sub('"', part.strip().removeprefix("W/"))
