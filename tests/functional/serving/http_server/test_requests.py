"""Which requests the server reads, and which end the connection."""

from __future__ import annotations

import socket
import time

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
