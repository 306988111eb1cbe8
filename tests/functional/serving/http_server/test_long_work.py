"""Imports and exports: they have turns of their own, and whoever is slow to read or leaves holds no thread."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.functional.serving.http_server.running import Running, rest
from tests.functional.serving.http_server.test_turns import _asking


def _wait_for(server: Running, line: str, count: int = 1) -> None:
    deadline = time.monotonic() + 10
    while server.journal.read_text().splitlines().count(line) < count:
        assert time.monotonic() < deadline, server.journal.read_text()
        time.sleep(0.01)


def test_long_work_of_many_leaves_a_thread_for_others(run: Callable[[], Running]) -> None:
    server = run()
    with ExitStack() as opened:
        long = [
            opened.enter_context(_asking(server, "/api/slow/preview", f"127.0.0.{n}")) for n in range(1, 5)
        ]
        for _ in range(3):
            other = opened.enter_context(_asking(server, "/other", "127.0.0.9"))
            assert rest(other).startswith(b"HTTP/1.1 200 ")
        assert server.journal.read_text().count("preview") <= 1
        assert all(rest(connection).startswith(b"HTTP/1.1 200 ") for connection in long)
    assert server.stop() == 0


def test_health_is_answered_while_every_thread_is_busy(run: Callable[[], Running]) -> None:
    """However much of the same asker waits before it."""
    server = run()
    with ExitStack() as opened:
        busy = [
            opened.enter_context(_asking(server, "/slow", f"127.0.0.{number}")) for number in (1, 2, 1, 2, 1)
        ]
        time.sleep(0.3)
        begun_at = time.monotonic()
        health = opened.enter_context(_asking(server, "/api/health", "127.0.0.1"))
        assert rest(health).startswith(b"HTTP/1.1 200 ")
        assert time.monotonic() - begun_at < 0.5
        assert all(rest(connection).startswith(b"HTTP/1.1 200 ") for connection in busy)
    assert server.stop() == 0


def test_who_does_not_read_an_answer_holds_no_thread(run: Callable[[], Running]) -> None:
    server = run()
    with ExitStack() as opened:
        slow = [opened.enter_context(_asking(server, "/api/export", f"127.0.0.{n}")) for n in range(1, 4)]
        _wait_for(server, "answered /api/export", len(slow))
        other = opened.enter_context(_asking(server, "/other", "127.0.0.9"))
        assert rest(other).startswith(b"HTTP/1.1 200 ")
        assert len(rest(slow[0])) > 24 << 20


def test_who_sends_slowly_holds_no_thread(run: Callable[[], Running]) -> None:
    server = run()
    with ExitStack() as opened:
        for number in range(1, 4):
            half = opened.enter_context(
                socket.create_connection(
                    ("127.0.0.1", server.port), 15, source_address=(f"127.0.0.{number}", 0)
                )
            )
            half.sendall(b"POST /api/preview HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nhalf")
        other = opened.enter_context(_asking(server, "/other", "127.0.0.9"))
        assert rest(other).startswith(b"HTTP/1.1 200 ")


def test_the_application_learns_that_the_client_of_an_upload_has_left(run: Callable[[], Running]) -> None:
    server = run()
    with server.connect() as connection:
        connection.sendall(b"POST /api/import HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nfile")
        time.sleep(0.1)
        assert not server.journal.read_text().endswith("left\n")
    _wait_for(server, "left")
