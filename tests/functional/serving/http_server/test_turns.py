"""Whom the server serves first."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack

from tests.functional.serving.http_server.running import Running, rest


def _asking(server: Running, path: str, address: str) -> socket.socket:
    """A connection from this address, over which the path was asked for."""
    connection = socket.create_connection(("127.0.0.1", server.port), 15, source_address=(address, 0))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return connection


def test_nobody_waits_until_all_of_another_one_are_served(run: Callable[[], Running]) -> None:
    server = run()
    with ExitStack() as opened:
        slow = [opened.enter_context(_asking(server, f"/slow/{number}", "127.0.0.1")) for number in range(3)]
        other = opened.enter_context(_asking(server, "/other", "127.0.0.2"))
        assert rest(other).startswith(b"HTTP/1.1 200 ")
        assert all(rest(connection).startswith(b"HTTP/1.1 200 ") for connection in slow)
    answered = server.journal.read_text().splitlines()
    assert answered.index("answered /other") < answered.index("answered /slow/1")
    assert server.stop() == 0


def test_who_has_too_many_waiting_is_told_to_come_back(run: Callable[[], Running]) -> None:
    server = run()
    with ExitStack() as opened:
        many = [opened.enter_context(_asking(server, "/slow", "127.0.0.1")) for _ in range(140)]
        refused = rest(many[-1])
    assert refused.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"\r\nRetry-After: 1\r\n" in refused
    assert b'"code": "too_many_attempts"' in refused
    server.process.kill()
