"""The page people work in: its files, and itself at every address that is nobody else's.

The page's own router reads the address, so `/contacts/42` is the same file as `/`. Where the page is not built,
a hint how to build it takes its place.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.http import etag_of, names_etag

#: Nothing but what comes from here; nothing inline; nobody frames us.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
#: An asset's name holds a hash of its content.
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

_DOCUMENT_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
#: Python's own list, whatever the machine has in /etc.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("text/javascript", ".js")
_HOME = Path(str(files("crmtenant")))


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page: its bytes, the same compressed where that helps, and what it is."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


def is_built() -> bool:
    """Whether there is a page, and not only the hint."""
    return (_HOME / "page" / "index.html").is_file()


@view_config(route_name="page_asset", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def asset(request: Any) -> Response:
    """A script, style or picture of the page."""
    found = _files("assets").get(request.matchdict["name"])
    if found is None:
        raise HTTPNotFound
    return _response(request, found, FOR_GOOD if is_built() else ASK_AGAIN)


@view_config(route_name="page", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def page(request: Any) -> Response:
    """The page; or one of the files that lie beside it, such as its icon."""
    place: tuple[str, ...] = request.matchdict["place"]
    beside = _files(".").get(place[0]) if len(place) == 1 else None
    if beside is not None:
        return _response(request, beside, ASK_AGAIN)
    if place and ("." in place[-1] or place[0].startswith("api")):
        raise HTTPNotFound
    is_secure = request.registry.platform.settings.is_secure
    headers = (*_DOCUMENT_HEADERS, _HSTS) if is_secure else _DOCUMENT_HEADERS
    return _response(request, _files(".")["index.html"], ASK_AGAIN, headers)


def _response(
    request: Any, file: File, cache_control: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    common = [
        ("Cache-Control", cache_control),
        ("ETag", file.etag),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
        *headers,
    ]
    if names_etag(request.headers.get("If-None-Match"), file.etag):
        return Response(status="304 Not Modified", headerlist=common)
    body = file.body
    accepted = request.accept_encoding
    if file.packed is not None and accepted and accepted.acceptable_offers(["gzip"]):
        body = file.packed
        common.append(("Content-Encoding", "gzip"))
    length = ("Content-Length", str(len(body)))
    return Response(app_iter=[body], headerlist=[("Content-Type", file.media_type), length, *common])


@cache
def _files(folder: str) -> dict[str, File]:
    """The files of one folder of the page by name, read once: only what is here is ever served."""
    directory = _HOME / ("page" if is_built() else "pages") / folder
    paths = {path.name: path for path in directory.iterdir() if path.is_file()}
    packed = {name: path.read_bytes() for name, path in paths.items() if name.endswith(".gz")}
    return {
        name: _file(path, packed.get(f"{name}.gz"))
        for name, path in paths.items()
        if name not in packed and not name.startswith(".")
    }


def _file(path: Path, packed: bytes | None) -> File:
    body = path.read_bytes()
    media_type = _TYPES.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return File(body, packed, f"{media_type}{charset}", etag_of(hashlib.sha256(body).hexdigest()[:32]))
