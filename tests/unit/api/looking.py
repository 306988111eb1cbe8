"""The application without database or people, as the tests of its surface look at it."""

from __future__ import annotations

from functools import cache
from typing import Any

from pyramid.paster import get_appsettings

from crmtenant import make_inspection_app
from crmtenant.api.docs.document import document
from crmtenant.api.docs.surface import Operation, operations
from crmtenant.settings import read_settings


@cache
def registry() -> Any:
    """The registry of the application."""
    settings = read_settings(get_appsettings("development.ini", name="main"), {})
    return make_inspection_app(settings).registry


@cache
def surface() -> list[Operation]:
    """Every operation of the application."""
    return operations(registry())


@cache
def openapi_document() -> dict[str, Any]:
    """The document, to be read only."""
    return document(surface())
