"""The page at every address that is not another's, its files, and their headers."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from webob import Request
from webtest import TestApp, TestResponse

from crmtenant import make_app
from crmtenant.api import spa
from crmtenant.platform import Platform

SCRIPT = "console.log('a page');\n" * 200


@pytest.fixture
def built(tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestApp]:
    """The application with a small page."""
    yield from _app_with(tmp_path, platform, monkeypatch, is_built=True)


@pytest.fixture
def unbuilt(tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestApp]:
    """The application without its page."""
    yield from _app_with(tmp_path, platform, monkeypatch, is_built=False)


def _app_with(
    home: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch, *, is_built: bool
) -> Iterator[TestApp]:
    shutil.copytree(Path(spa.__file__).parents[1] / "pages", home / "pages")
    if is_built:
        assets = home / "page" / "assets"
        assets.mkdir(parents=True)
        (home / "page" / "index.html").write_text("<title>the page</title>")
        (home / "page" / ".stamp").write_text("secret of the build")
        (home / "page" / "favicon.svg").write_text("<svg/>")
        (assets / "app-1a2b.js").write_text(SCRIPT)
        (assets / "app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    monkeypatch.setattr(spa, "_HOME", home)
    spa._page.cache_clear()
    yield TestApp(make_app(platform), extra_environ={"HTTP_HOST": "localhost"})
    spa._page.cache_clear()


@pytest.mark.parametrize(
    "path", ["/", "/contacts", "/contacts/42", "/projects/7/board", "/a/b/c", "/index.html"]
)
def test_every_address_of_nobody_else_is_the_page(built: TestApp, path: str) -> None:
    answer = built.get(path)
    assert answer.text == "<title>the page</title>"
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_is_sent_once_as_long_as_it_is_the_same(built: TestApp) -> None:
    etag = built.get("/").headers["ETag"]
    assert built.get("/", headers={"If-None-Match": etag}).status_int == 304
    assert built.get("/", headers={"If-None-Match": '"other"'}).status_int == 200


def test_asked_for_its_head_only_the_page_says_the_same_without_itself(built: TestApp) -> None:
    for path in ("/contacts/42", "/assets/app-1a2b.js"):
        whole, head = built.get(path), built.head(path)
        assert head.body == b""
        assert _headers_of(head) == _headers_of(whole)


def _headers_of(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


def test_https_is_demanded_where_people_come_by_it(
    built: TestApp, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Strict-Transport-Security" not in built.get("/").headers
    monkeypatch.setattr(platform, "settings", replace(platform.settings, is_secure=True))
    assert built.get("/").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_page_built_under_a_running_server_is_not_mixed_into_the_one_it_serves(
    built: TestApp, tmp_path: Path
) -> None:
    before = built.get("/").text
    shutil.rmtree(tmp_path / "page")
    (tmp_path / "page" / "assets").mkdir(parents=True)
    (tmp_path / "page" / "index.html").write_text("<title>another page</title>")
    assert built.get("/").text == before
    assert built.get("/assets/app-1a2b.js").text == SCRIPT


def test_assets_are_kept_for_good_and_sent_compressed_to_whoever_can_read_that(built: TestApp) -> None:
    plain = built.get("/assets/app-1a2b.js")
    assert built.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip;q=0"}).text == SCRIPT
    # Not through WebTest, which unpacks what it gets.
    asking = Request.blank("/assets/app-1a2b.js", headers={"Accept-Encoding": "br, gzip"})
    packed = asking.get_response(built.app)
    assert plain.text == gzip.decompress(packed.body).decode() == SCRIPT
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(SCRIPT) / 10
    # A cache that holds both must not take one for the other.
    assert plain.headers["ETag"] != packed.headers["ETag"]
    asking.headers["If-None-Match"] = packed.headers["ETag"]
    assert asking.get_response(built.app).status_int == 304
    for answer in (plain, packed):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_files_beside_the_page_are_served_and_asked_for_again(built: TestApp) -> None:
    answer = built.get("/favicon.svg")
    assert (answer.text, answer.headers["Content-Type"]) == ("<svg/>", "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/assets",
        "/assets/",
        "/assets/app-0000.js",
        "/assets/app-1a2b.js.gz",
        "/assets/deeper/app-1a2b.js",
        "/assets/..%2Findex.html",
        "/assets/%2e%2e/%2e%2e/settings.py",
        "/docs-assets/0000/docs",
        "/.stamp",
        "/robots.php",
        "/contacts/nothing.css",
        "/apicontacts",
        "/..%2f..%2fsettings.py",
        "/favicon.svg%00",
    ],
)
def test_nothing_else_of_the_disk_is_served(built: TestApp, path: str) -> None:
    answer = built.get(path, status=404)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] == "not_found"


def test_an_address_that_is_no_text_is_refused(built: TestApp) -> None:
    assert built.get("/contacts/%ff", status=400).json["code"] == "invalid_encoding"


def test_the_page_is_only_read(built: TestApp) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert built.request("/contacts", method=method, expect_errors=True).status_int in {404, 405}


def test_unknown_places_of_the_api_are_not_the_page(built: TestApp) -> None:
    answer = built.get("/api/nothing", expect_errors=True)
    assert (answer.status_int, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/contacts/5"])
def test_without_a_page_there_is_a_hint_how_to_build_it(unbuilt: TestApp, path: str) -> None:
    answer = unbuilt.get(path)
    assert "<code>make page</code>" in answer.text
    assert unbuilt.get("/assets/page.css").headers["Cache-Control"] == "no-cache"
