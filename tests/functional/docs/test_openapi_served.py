"""What is served is what is described: every operation answers, and the document and its page are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyramid.events import NewResponse
from pyramid.httpexceptions import HTTPNotFound
from webtest import TestApp

from crmtenant.api.docs.surface import Operation
from tests.functional.installation import Client, Company
from tests.functional.requests_of_surface import ABSENT, OPERATIONS, asked, name_of


@pytest.fixture(scope="module")
def refused_addresses(app: TestApp) -> Iterator[list[str]]:
    """Addresses where Pyramid found no view, as they are asked for (a missing row is another error)."""
    found: list[str] = []

    def keep(event: Any) -> None:
        # A wrong method is a PredicateMismatch, which is an HTTPNotFound too.
        if isinstance(getattr(event.request, "exception", None), HTTPNotFound):
            found.append(event.request.path)

    app.app.registry.registerHandler(keep, (NewResponse,))
    yield found
    app.app.registry.unregisterHandler(keep, (NewResponse,))


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_every_operation_described_has_a_view(
    north_for_all: Company, refused_addresses: list[str], operation: Operation
) -> None:
    refused_addresses.clear()
    # Signing out everywhere would void the tokens of the other tests, so somebody else asks.
    (user_id,) = north_for_all.join("owner")
    token = north_for_all.platform.identity.tokens.issue(user_id, north_for_all.id, 1)
    assert asked(Client(north_for_all.app, token), operation) != 405
    assert refused_addresses == []


def test_an_address_not_described_has_none(owner: Client, refused_addresses: list[str]) -> None:
    refused_addresses.clear()
    assert owner.get("/api/nothing").status_int == 404
    assert owner.raw("PUT", "/api/contacts").status_int == 405
    assert refused_addresses == ["/api/nothing", "/api/contacts"]


def test_the_document_is_public_and_knows_when_it_has_not_changed(anonymous: Client) -> None:
    first = anonymous.get("/api/openapi.json")
    assert first.content_type == "application/json"
    assert first.json["openapi"] == "3.1.0"
    again = anonymous.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_int, again.body) == (304, b"")


def test_the_document_served_is_that_of_the_command(anonymous: Client) -> None:
    described = {
        (path, method.upper())
        for path, item in anonymous.read("/api/openapi.json")["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    assert described == {(operation.path, operation.method) for operation in OPERATIONS}


def test_the_page_asks_nobody_else_and_has_nothing_inline(anonymous: Client) -> None:
    page = anonymous.get("/api/docs")
    assert page.content_type == "text/html"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "//" not in re.sub("<!doctype.*?>", "", page.text)
    assert re.findall(r"<script[^>]*>([^<]+)<", page.text) == []
    assert " style=" not in page.text


def test_the_files_of_the_page_are_kept_for_a_year(anonymous: Client) -> None:
    addresses = re.findall(r'(?:src|href)="(/docs-assets/[^"]+)"', anonymous.get("/api/docs").text)
    assert len(addresses) == 5
    for address in addresses:
        answer = anonymous.get(address)
        assert answer.status_int == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "address",
    [
        "/docs-assets/0000000000000000/docs.js",
        "/docs-assets/0000000000000000/swagger-initializer.js",
        "/docs-assets/0000000000000000/..%2f..%2f__init__.py",
        "/docs-assets/docs.js",
    ],
)
def test_no_other_file_is_served(anonymous: Client, address: str) -> None:
    assert anonymous.get(address).status_int == 404


def test_the_page_starts_without_asking_for_a_validator() -> None:
    script = Path("crmtenant/pages/docs/docs.js").read_text(encoding="utf-8")
    assert "validatorUrl: null" in script
    assert "http" not in script


def test_absent_ids_cover_every_parameter() -> None:
    wanted = {given.name for operation in OPERATIONS for given in operation.place.parameters}
    assert wanted <= ABSENT.keys()
