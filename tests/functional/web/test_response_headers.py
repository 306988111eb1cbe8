"""What every answer says to browsers and caches: HTTPS only in production, nothing of a company's is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.platform import Platform
from tests.functional.furnishing import ask, furnish, path_of
from tests.functional.installation import Client, Company
from tests.functional.requests_of_surface import OPERATIONS, asked
from tests.functional.surface import Endpoint, endpoints

ELSEWHERE = [
    ("GET", "/", "localhost"), ("GET", "/contacts/1", "localhost"), ("GET", "/assets/none.js", "localhost"),
    ("GET", "/api/none", "localhost"), ("PUT", "/api/contacts", "localhost"), ("GET", "/api/contacts?%ff", "localhost"),
    ("GET", "/", "elsewhere.example"), ("GET", "/api/contacts/1", "elsewhere.example"), ("GET", "/docs-assets/x/y", "localhost"),
]  # fmt: skip


@pytest.fixture(scope="module")
def company(south_for_all: Company) -> Company:
    south_for_all.empty()
    furnish(south_for_all)
    return south_for_all


@pytest.fixture(scope="module")
def secure_app(platforms: Callable[..., Platform]) -> TestApp:
    """The application as it is in production."""
    platform = platforms(is_secure=True)
    return TestApp(make_app(platform), extra_environ={"HTTP_HOST": "localhost", "wsgi.url_scheme": "https"})


def _is_for_https_only(answer: Any) -> bool:
    return bool(answer.headers.getall("Strict-Transport-Security") == ["max-age=31536000"])


@pytest.mark.parametrize("method, path, host", ELSEWHERE, ids=str)  # noqa: PT006 (one word each)
def test_every_answer_in_production_is_for_https_only(
    method: str, path: str, host: str, secure_app: TestApp, app: TestApp, company: Company
) -> None:
    for asked_app, is_secure in ((secure_app, True), (app, False)):
        client = company.client(app=asked_app)
        answer = client.raw(method, path, headers={"Host": host})
        assert _is_for_https_only(answer) == is_secure, answer.status
        assert is_secure or "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_no_answer_about_a_company_is_kept(endpoint: Endpoint, company: Company, secure_app: TestApp) -> None:
    path = path_of(endpoint, company)
    refused = Client(secure_app, None).raw(endpoint.method, path)
    for answer in (ask(company, endpoint, path), refused):
        assert answer.headers["Cache-Control"] == "no-store", answer.status
    assert _is_for_https_only(refused)


def test_no_answer_of_a_public_endpoint_is_kept(app: TestApp) -> None:
    for operation in OPERATIONS:
        client = Client(app, None)
        assert asked(client, operation) < 500
        answer = client.raw(operation.method, operation.path.replace("{", "").replace("}", ""))
        assert answer.headers["Cache-Control"] == "no-store", operation.path


def test_a_contact_that_has_not_changed_is_not_kept_either(company: Company) -> None:
    client = company.client()
    # One of its own: the requests of the other tests change and delete those that are there.
    path = f"/api/contacts/{client.create('/api/contacts', name='Unchanged')['id']}"
    unchanged = client.get(path, {"If-None-Match": client.get(path).headers["ETag"]})
    assert (unchanged.status_int, unchanged.headers["Cache-Control"]) == (304, "no-store")


@pytest.fixture
def furnished(north: Company) -> Company:
    furnish(north)
    return north


WEAKENED = ["W/{}", "  W/{} ", '"other", W/{}', 'W/"other",W/{}', "{}", 'W/"a,b", {}']
#: What Apache's mod_deflate, mod_brotli and Jetty make of a tag.
SUFFIXED = ["-gzip", "--gzip", ";gzip", "-br"]


def _tags(etag: str) -> list[str]:
    suffixed = [f'{etag[:-1]}{suffix}"' for suffix in SUFFIXED]
    return [*(form.format(etag) for form in WEAKENED), *suffixed, *(f"W/{tag}" for tag in suffixed)]


@pytest.mark.parametrize("path", ["/api/contacts/2", "/api/projects/1", "/api/tasks/1", "/api/columns/1"])
def test_a_tag_that_a_proxy_weakened_is_still_ours(path: str, furnished: Company) -> None:
    client = furnished.client()
    body = {"name": "Another"} if "columns" in path else {"color": "#aabbcc"} if "projects" in path else {}
    for number, _ in enumerate(_tags('"x"')):
        etag = client.get(path).headers["ETag"]
        tag = _tags(etag)[number]
        assert client.get(path, {"If-None-Match": tag}).status_int == 304, tag
        changed = client.patch(path, body, {"If-Match": tag})
        assert changed.status_int == 200, (tag, changed.text)


@pytest.mark.parametrize("path", ["/api/contacts/2", "/api/projects/1", "/api/tasks/1"])
def test_the_tag_of_another_version_is_refused_however_it_is_written(path: str, furnished: Company) -> None:
    client = furnished.client()
    stale = client.get(path).headers["ETag"]
    text = {"note" if "contacts" in path else "description": stale}
    assert client.patch(path, text, {"If-Match": stale}).status_int == 200
    for tag in _tags(stale):
        refused = client.patch(path, {}, {"If-Match": tag})
        assert refused.status_int == 412, tag
        assert client.delete(path, {"If-Match": tag}).status_int == 412
        assert client.get(path, {"If-None-Match": tag}).status_int == 200
