"""Which requests the server reads, and which end the connection."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.functional.serving.http_server.running import Running

SECOND = b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"POST /first HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"501"),
        (HEAD + b"Transfer-Encoding: identity\r\n\r\n", b"501"),
        (HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", b"400"),
        (
            b"POST /first HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", b"400"),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", b"400"),
        *((HEAD + b"Content-Length: " + length + b"\r\n\r\nhello", b"400") for length in
          (b"+5", b"-1", b"0_5", b"5e0", b"5 5", b"0x5")),
        (b"GET /first HTTP/9.9\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /first\r\n\r\n", b"400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
        (b"GET /first HTTP/1.1\r\nHost: x\r\nName: a\rb\r\n\r\n", b"400"),
        (b"GET /first HTTP/1.1\r\nHost: x\r\nName: a\x00b\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"GET /first HTTP/1.1\r\nHost: x\r\nName: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
        (HEAD + b"Content-Length: 99999999\r\n\r\n", b"413"),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b"400"),
        *((b"GET /first HTTP/1.1\r\n" + hosts + b"\r\n", b"400") for hosts in
          (b"", b"Host: x\r\nHost: x\r\n", b"Host: x\r\nhost: y\r\n", b"Host: x\r\nX: 1\r\nHOST:\r\n", b"Host: x y\r\n",
           b"Host: x\r\n y\r\n", b"Host: x/\r\n", b"Host: u@x\r\n", b"Host: x:y\r\n", b"Host: x:1:2\r\n", b"Host: [::1\r\n",
           b"Host: \xff\r\n", b"Host: x?\r\n", b"Host: x#\r\n", b"Host: http://x\r\n")),
        (b"GET /first HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", b"400"),
        *((b"GET " + address + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"400") for address in
          (b"http:///first", b"ftp://x/first", b"http://u@x/first", b"http://[::1/first", b"first", b"*", b"x:80", b"http://x y/")),
        (b"GET http://x/first HTTP/1.1\r\n\r\n", b"400"),
    ],
)  # fmt: skip
def test_a_request_that_can_be_read_in_two_ways_ends_the_connection(
    server: Running, request_bytes: bytes, status: bytes
) -> None:
    with server.connect() as connection:
        connection.sendall(request_bytes + SECOND)
        answer = _until_closed(connection)
    assert answer.split(b" ", 2)[1] == status
    assert answer.count(b"HTTP/1.") == 1
    assert b"/second" not in answer


def test_what_is_refused_before_the_application_is_a_problem_document(server: Running) -> None:
    answer = server.ask(b"GET / HTTP/1.1\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    document = json.loads(body)
    assert (document["status"], document["title"], document["code"]) == (400, "Bad Request", "malformed")
    assert document["request_id"]


@pytest.mark.parametrize(
    ("lines", "host"),
    [
        (b"GET http://x.example:80/host HTTP/1.1\r\nHost: other", b"x.example:80"),
        (b"GET /host HTTP/1.1\r\nHost: [::1]:80", b"[::1]:80"),
        (b"GET /host HTTP/1.1\r\nHost:", b""),
        (b"GET /host HTTP/1.0", b""),
        (b"OPTIONS * HTTP/1.1\r\nHost: x", b"* "),
    ],
)
def test_the_host_is_the_one_that_counts(server: Running, lines: bytes, host: bytes) -> None:
    answer = server.ask(lines + b"\r\nConnection: close\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n" + host)
    assert b" 200 " in answer


@pytest.mark.parametrize("status", [b"204", b"304"])
def test_answers_without_a_body_keep_the_connection(server: Running, status: bytes) -> None:
    first = b"GET /empty/" + status + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = server.ask(first * 3 + last)
    assert answer.count(b"HTTP/1.1 " + status) == 3
    assert answer.endswith(b"/second ")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    for name in (b"connection: close", b"transfer-encoding", b"content-length"):
        assert name not in head


@pytest.mark.parametrize("wish", [b"HTTP/1.1\r\nHost: x\r\nConnection: close", b"HTTP/1.0"])
def test_answers_without_a_body_close_the_connection_where_that_is_wished(
    server: Running, wish: bytes
) -> None:
    answer = server.ask(b"GET /empty/204 " + wish + b"\r\n\r\n" + SECOND)
    assert answer.count(b"HTTP/1.") == 1


def _until_closed(connection: socket.socket) -> bytes:
    """Like rest, but a reset after the answer counts as closed: it comes when bytes were left unread."""
    answer = b""
    try:
        while part := connection.recv(65_536):
            answer += part
    except ConnectionResetError:
        assert answer
    return answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: 5\r\n\r\nhello",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        HEAD + b"transfer-encoding: \tChunked \r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        HEAD + b"X-Transfer-Encoding: no\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_plain_requests_are_read_and_keep_the_connection(server: Running, request_bytes: bytes) -> None:
    last = b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = server.ask(request_bytes + last)
    assert answer.count(b"200 OK") == 2
    assert b"/first hello" in answer
    assert b"/second" in answer


def test_the_server_does_not_say_what_it_is(server: Running) -> None:
    answer = server.ask(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Server:" not in answer
    assert b"waitress" not in answer


def test_what_strangers_say_about_forwarding_is_not_believed(server: Running) -> None:
    lines = [
        "GET /forwarded HTTP/1.1", "Host: x", "Connection: close", "X-Forwarded-For: 1.2.3.4",
        "X-Forwarded-Host: evil", "X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "X_Forwarded_For: 1",
    ]  # fmt: skip
    answer = server.ask("\r\n".join([*lines, "", ""]).encode())
    assert answer.endswith(b"[]")


@pytest.fixture
def many_connections() -> Iterator[int]:
    """More connections than the server serves at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    yield 1050
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_that_send_a_byte_now_and_then_do_not_block_others(
    server: Running, many_connections: int
) -> None:
    with ExitStack() as opened:
        slow = [opened.enter_context(server.connect()) for _ in range(many_connections)]
        for connection in slow:
            connection.sendall(b"GET /half HTTP/1.1\r\n")
        for connection in slow:
            with suppress(OSError):  # closed to make room
                connection.sendall(b"x")
        answer = server.ask(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_many_idle_half_requests_do_not_block_others(server: Running) -> None:
    halves = [server.connect() for _ in range(200)]
    try:
        for half in halves:
            half.sendall(b"GET /half HTTP/1.1\r\n")
        began = time.monotonic()
        server.ask(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert time.monotonic() - began < 2
    finally:
        for half in halves:
            half.close()
