"""What Debian's nginx with deploy/nginx.conf answers by itself: problem documents."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from tests.functional.serving.http_server.running import Running
from tests.nginx import NGINX, nginx, trusting

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx (apt-get install nginx)")

QUICK = [("proxy_read_timeout 300s", "proxy_read_timeout 300ms")]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx in front of a small server of ours."""
    running = Running(tmp_path_factory.mktemp("server") / "journal")
    with nginx(_free_port(), running.port, QUICK) as address:
        yield address
    running.stop()


@pytest.fixture(scope="module")
def before_nothing() -> Iterator[str]:
    """nginx in front of a port where nobody listens."""
    with nginx(_free_port(), _free_port()) as address:
        yield address


class Answer(NamedTuple):
    """What nginx answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def _answer(
    address: str, method: str = "GET", path: str = "/api/x", headers: dict[str, str] | None = None
) -> Answer:
    host = address.removeprefix("https://")
    with closing(http.client.HTTPSConnection(host, context=trusting(), timeout=20)) as connection:
        connection.request(method, path, headers=headers or {})
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read())


def _assert_problem(answer: Answer, status: int, code: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(answer.body)
    assert (answer.status, document["status"], document["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert {"type", "title", "detail"} <= document.keys()
    return document


def test_an_upload_that_is_too_large(behind: str) -> None:
    for length in (35 << 20, 1 << 40):
        answer = _answer(behind, "POST", "/api/contacts/import", {"Content-Length": str(length)})
        document = _assert_problem(answer, 413, "too_large")
        assert document["title"] == "Content Too Large"
        assert "Retry-After" not in answer.headers


def test_nobody_behind(before_nothing: str) -> None:
    answer = _answer(before_nothing)
    _assert_problem(answer, 502, "unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_what_takes_too_long(behind: str) -> None:
    answer = _answer(behind, "POST", "/slow")
    document = _assert_problem(answer, 504, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "may have been done" in str(document["detail"])


def test_requests_that_cannot_be_read(behind: str) -> None:
    _assert_problem(_answer(behind, headers={"X-Long": "a" * 9_000}), 431, "headers_too_large")
    _assert_problem(_answer(behind, path="/" + "a" * 9_000), 414, "malformed")
    _assert_problem(_answer(behind, headers={"Content-Length": "x"}), 400, "malformed")


def test_the_problem_has_no_address_of_its_own(behind: str) -> None:
    assert _answer(behind, path="/.problem").status == 404
