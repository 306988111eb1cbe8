"""A signal ends the server, and every request is still answered."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.functional.serving.http_server.running import Running, rest, up_to


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_lets_every_request_be_answered(run: Callable[[], Running], number: int) -> None:
    server = run()
    paths = [f"/slow/{index}" for index in range(6)]  # two threads: two are worked on, four wait
    with ThreadPoolExecutor(len(paths)) as clients:
        answers = [clients.submit(server.get, path) for path in paths]
        time.sleep(0.4)
        assert server.stop(number) == 0
    for path, answer in zip(paths, answers, strict=True):
        assert answer.result().endswith(path.encode() + b" ")
    journal = server.journal.read_text().splitlines()
    assert journal[0] == "start_serving"
    assert journal[-1] == "close"
    assert len(journal) == len(paths) + 2
    assert server.errors == ""


def test_connections_the_system_has_accepted_but_we_have_not_are_answered(run: Callable[[], Running]) -> None:
    server = run()
    server.process.send_signal(signal.SIGSTOP)
    connections = [server.connect() for _ in range(5)]
    for connection in connections:
        connection.sendall(b"GET /waiting HTTP/1.1\r\nHost: x\r\n\r\n")
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGCONT)
    for connection in connections:
        with connection:
            assert rest(connection).endswith(b"/waiting ")
    assert server.wait() == 0


def test_pipelined_requests_are_all_answered_and_the_last_answer_says_it_is_the_last(
    run: Callable[[], Running],
) -> None:
    server = run()
    request = b"GET /slow/pipelined HTTP/1.1\r\nHost: x\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(request * 3)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        answer = rest(connection)
    assert answer.count(b"200 OK") == 3
    assert answer.count(b"Connection: close") == 1
    assert answer.rindex(b"Connection: close") > answer.rindex(b"200 OK")
    assert server.wait() == 0


def test_idle_connections_do_not_hold_up_the_end(run: Callable[[], Running]) -> None:
    server = run()
    with server.connect() as idle, server.connect() as half:
        idle.sendall(b"GET /kept-alive HTTP/1.1\r\nHost: x\r\n\r\n")
        assert up_to(idle, b"/kept-alive ")
        half.sendall(b"GET /half HTTP/1.1\r\nHost: x\r\n")
        time.sleep(0.2)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 3
        assert rest(idle) == b""


def test_no_connection_is_accepted_after_the_signal(run: Callable[[], Running]) -> None:
    server = run()
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(server.get, "/slow")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        assert answer.result().endswith(b"/slow ")
    assert server.wait() == 0


def test_a_second_signal_ends_the_waiting_and_still_closes_the_platform(run: Callable[[], Running]) -> None:
    server = run()
    connections = [server.connect() for _ in range(12)]  # two threads: six seconds of work
    for connection in connections:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.3)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert server.stop() == 0
    assert time.monotonic() - began < 4
    assert server.journal.read_text().endswith("close\n")
    for connection in connections:
        connection.close()
