"""Serve the single-page application: its files, and its document at every other address.

The page's own router reads the address, so `/contacts/42` is the same document as `/`. If the page has not been
built, a document that says how to build it is served instead.
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

from crmtenant.api.web.headers import DOCUMENT_HEADERS
from crmtenant.api.web.http import etag_of, names_etag

#: The name of an asset has a hash of its content.
CACHED_FOREVER = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"

#: First segments of addresses that are never the page's, so that a missing script does not get HTML.
_OTHER_PREFIXES = frozenset({"assets", "docs-assets"})
#: Python's own list regardless of /etc/mime.types, and types it does not have yet.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("text/javascript", ".js")
_TYPES.add_type("font/woff2", ".woff2")
_TYPES.add_type("image/webp", ".webp")
_HOME = Path(str(files("crmtenant")))
_DOCUMENT = "index.html"


@dataclass(frozen=True, slots=True)
class Variant:
    """The bytes of a file as sent, and the ETag of exactly these bytes."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page: plain, compressed if that helps, and its media type."""

    plain: Variant
    packed: Variant | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Page:
    """All files by name: those beside index.html, and its assets."""

    is_built: bool
    beside: dict[str, File]
    assets: dict[str, File]


def is_built() -> bool:
    """Return whether the page has been built."""
    return _page().is_built


@view_config(route_name="page_asset", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def asset(request: Any) -> Response:
    """Serve a script, style sheet or picture of the page."""
    found = _page().assets.get(request.matchdict["name"])
    if found is None:
        raise HTTPNotFound
    return _response(request, found, CACHED_FOREVER if is_built() else REVALIDATED)


@view_config(route_name="page", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def page(request: Any) -> Response:
    """Serve the document of the page, or one of the files beside it, such as its icon."""
    beside = _page().beside
    place: str = request.matchdict["place"]
    if place != _DOCUMENT:
        if place in beside:
            return _response(request, beside[place], REVALIDATED)
        first, last = place.partition("/")[0], place.rpartition("/")[2]
        if "." in last or first.startswith("api") or first in _OTHER_PREFIXES:
            raise HTTPNotFound
    return _response(request, beside[_DOCUMENT], REVALIDATED, DOCUMENT_HEADERS)


def _response(
    request: Any, file: File, cache_control: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    accepted = request.accept_encoding
    takes_packed = accepted and accepted.acceptable_offers(["gzip"])
    sent = file.packed if file.packed and takes_packed else file.plain
    common = [
        ("Cache-Control", cache_control),
        ("ETag", sent.etag),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
        *headers,
    ]
    if names_etag(request.headers.get("If-None-Match"), sent.etag):
        return Response(status="304 Not Modified", headerlist=common)
    if sent is file.packed:
        common.append(("Content-Encoding", "gzip"))
    length = ("Content-Length", str(len(sent.body)))
    return Response(app_iter=[sent.body], headerlist=[("Content-Type", file.media_type), length, *common])


@cache
def _page() -> Page:
    """Return all files, read once, so that a page built later is not mixed in."""
    is_there = (_HOME / "page" / _DOCUMENT).is_file()
    home = _HOME / ("page" if is_there else "pages")
    return Page(is_there, _files(home), _files(home / "assets"))


def _files(directory: Path) -> dict[str, File]:
    bodies = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    return {
        name: _file(name, body, bodies.get(f"{name}.gz"))
        for name, body in bodies.items()
        if not name.endswith(".gz") and not name.startswith(".")
    }


def _file(name: str, body: bytes, packed: bytes | None) -> File:
    media_type = _TYPES.guess_type(name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return File(_variant(body), None if packed is None else _variant(packed), f"{media_type}{charset}")


def _variant(body: bytes) -> Variant:
    return Variant(body, etag_of(hashlib.sha256(body).hexdigest()[:32]))
