"""Whom the server serves first."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.functional.serving.http_server.running import Running, rest, up_to

QUICK = b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"
NAP = b"GET /nap HTTP/1.1\r\nHost: x\r\n\r\n"


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


def test_whatever_takes_long_somebody_reads_what_comes_in(run: Callable[[], Running]) -> None:
    """All threads serve, and what is asked meanwhile is answered by the first that is free."""
    server = run()
    with ExitStack() as opened:
        slow = [
            opened.enter_context(_asking(server, "/slow", address)) for address in ("127.0.0.1", "127.0.0.2")
        ]
        waiting = opened.enter_context(_asking(server, "/waiting", "127.0.0.3"))
        answers = [rest(connection) for connection in (*slow, waiting)]
    assert [answer.split(b" ")[1] for answer in answers] == [b"200"] * 3
    assert server.stop() == 0


def _exchange(server: Running, client: int) -> int:
    """How many of a client's requests, some of them long, are answered over one connection."""
    with server.connect() as connection:
        answered = 0
        for number in range(60):
            is_long = (number + client) % 5 == 0
            connection.sendall(NAP if is_long else QUICK)
            answered += up_to(connection, b"/nap " if is_long else b"/quick ").startswith(b"HTTP/1.1 200 ")
        return answered


def test_every_request_is_answered_while_the_lead_changes_hands(run: Callable[[], Running]) -> None:
    server = run()
    with ThreadPoolExecutor(12) as clients:
        assert list(clients.map(lambda client: _exchange(server, client), range(12))) == [60] * 12
    assert server.stop() == 0


def test_requests_sent_together_are_answered_in_their_order(run: Callable[[], Running]) -> None:
    server = run()
    with server.connect() as connection:
        connection.sendall((NAP + QUICK) * 10)
        answered = up_to(connection, b"/quick ")
        while answered.count(b"HTTP/1.1 200 ") < 20:
            answered += up_to(connection, b" ")
    assert answered.count(b"/nap ") == 10
    assert server.stop() == 0
