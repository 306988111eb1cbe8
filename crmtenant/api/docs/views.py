"""The API documentation: an OpenAPI document, and a page to read it and try the API."""

from __future__ import annotations

import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileResponse, Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config
from swagger_ui_bundle import swagger_ui_path

from crmtenant.api.docs.document import document
from crmtenant.api.docs.surface import operations
from crmtenant.api.web.headers import CONTENT_SECURITY_POLICY
from crmtenant.api.web.http import bytes_response, etag_of, names_etag
from crmtenant.resources.links import path_of
from crmtenant.resources.public import Docs, OpenApiDocument

A_YEAR_SECONDS = 31_536_000


@view_config(
    context=OpenApiDocument,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    media={"out": ("application/json",)},
    takes=("If-None-Match",),
    gives=("ETag",),
    summary="Get the OpenAPI document",
)
def openapi(context: OpenApiDocument, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The OpenAPI 3.1 document."""
    body, etag = _document(request.registry)
    if names_etag(request.headers.get("If-None-Match"), etag):
        return Response(status="304 Not Modified", headerlist=[("ETag", etag)])
    return bytes_response(body, "application/json", headers=[("ETag", etag)])


def _document(registry: Any) -> tuple[bytes, str]:
    """Return the document's bytes and ETag, generated on the first request, when every view is registered."""
    if not hasattr(registry, "openapi_document"):
        body = orjson.dumps(document(operations(registry)))
        registry.openapi_document = body, etag_of(hashlib.sha256(body).hexdigest()[:32])
    made: tuple[bytes, str] = registry.openapi_document
    return made


@view_config(
    context=Docs,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    media={"out": ("text/html",)},
    summary="Read the API documentation",
)
def docs(context: Docs, request: Any) -> Response:
    """A page to read the documentation and try the API. All its files are served from here."""
    assets = {name: request.route_path("docs_asset", digest=_digest(name), name=name) for name in _ASSETS}
    parent = context.__parent__
    assert parent is not None
    page = _PAGE.format(document=escape(path_of(parent["openapi.json"])), **_by_stem(assets))
    headers = (("Content-Security-Policy", CONTENT_SECURITY_POLICY), ("Referrer-Policy", "same-origin"))
    return bytes_response(page.encode(), "text/html; charset=utf-8", headers=headers)


@view_config(route_name="docs_asset", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def docs_asset(request: Any) -> Response:
    """A file of the page. Its address changes with its content, so it is cached for a year."""
    name = request.matchdict["name"]
    if name not in _ASSETS or request.matchdict["digest"] != _digest(name):
        raise HTTPNotFound
    response = FileResponse(str(_ASSETS[name]), request=request, cache_max_age=A_YEAR_SECONDS)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


_OWN = Path(str(files("crmtenant") / "pages" / "docs"))
_ASSETS = {
    "swagger-ui.css": Path(swagger_ui_path) / "swagger-ui.css",
    "swagger-ui-bundle.js": Path(swagger_ui_path) / "swagger-ui-bundle.js",
    "docs.css": _OWN / "docs.css",
    "docs.js": _OWN / "docs.js",
    "favicon-32x32.png": Path(swagger_ui_path) / "favicon-32x32.png",
}

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>crmtenant API</title>
<link rel="icon" type="image/png" href="{favicon_32x32_png}">
<link rel="stylesheet" href="{swagger_ui_css}">
<link rel="stylesheet" href="{docs_css}">
</head>
<body>
<noscript>Enable JavaScript to read the documentation here. The document is at <a href="{document}">{document}</a>.</noscript>
<main>
<h1>crmtenant API</h1>
<div id="docs" data-document="{document}"></div>
</main>
<script src="{swagger_ui_bundle_js}"></script>
<script src="{docs_js}"></script>
</body>
</html>
"""


def _by_stem(assets: dict[str, str]) -> dict[str, str]:
    """Return the addresses under names that a format string can have."""
    return {name.replace("-", "_").replace(".", "_"): escape(address) for name, address in assets.items()}


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_ASSETS[name].read_bytes()).hexdigest()[:16]


def includeme(config: Any) -> None:
    """Register the addresses of the page's files."""
    config.add_route("docs_asset", "/docs-assets/{digest}/{name}")
