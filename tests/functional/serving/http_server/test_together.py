"""Several processes serve: how connections are spread, who is replaced, and how all of them end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.connections import children_of, clients_by_process
from tests.functional.serving.http_server.running import ROOT, SERVED, Running, is_alive, rest
from tests.functional.serving.served_together import serve_together

WAIT_SECONDS = 10


class Together(Running):
    """A server of two processes."""

    def __init__(self, journal: Path) -> None:
        super().__init__(journal, serve_together)
        self.began: dict[str, list[int]] = {}
        for line in self.lines("start"):
            _, kind, pid = line.split()
            self.began.setdefault(kind, []).append(int(pid))

    @property
    def pids(self) -> list[int]:
        return [pid for pids in self.began.values() for pid in pids]

    def lines(self, word: str) -> list[str]:
        return [line for line in self.journal.read_text().splitlines() if line.startswith(word)]

    def connected(self, count: int) -> ExitStack:
        with ExitStack() as opened:
            connections = [opened.enter_context(self.connect()) for _ in range(count)]
            for connection in connections:
                pid_of(connection)
            return opened.pop_all()

    def counts(self) -> list[int]:
        return sorted(len(clients) for clients in clients_by_process(self.process.pid, self.port).values())


def pid_of(connection: socket.socket) -> int:
    """Which process serves this connection."""
    connection.sendall(b"GET /pid HTTP/1.1\r\nHost: x\r\n\r\n")
    return int(connection.recv(1000).rpartition(b"\r\n")[2])


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("T")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def together(tmp_path: Path) -> Iterator[Together]:
    running = Together(tmp_path / "journal")
    yield running
    running.stop(signal.SIGKILL)
    for pid in running.pids:
        until(lambda pid=pid: not is_alive(pid))  # type: ignore[misc]


def test_the_children_serve_and_one_more_does_what_else_there_is(together: Together) -> None:
    assert len(together.began["serving"]) == 2
    assert len(together.began["background"]) == 1
    assert sorted(children_of(together.process.pid)) == sorted(together.pids)
    with together.connected(8):
        assert set(clients_by_process(together.process.pid, together.port)) == set(together.began["serving"])
    assert together.said(2)[1] == "Welcome."


def test_connections_are_spread_when_they_come_at_once_and_when_some_have_left(together: Together) -> None:
    with together.connected(8):
        until(lambda: sum(together.counts()) == 8)
        assert min(together.counts()) >= 3  # four, where the machine has time for both
    until(lambda: not together.counts())
    with ExitStack() as lasting:
        # Who has three is left alone until the other one has three as well.
        connections = [lasting.enter_context(together.connect()) for _ in range(6)]
        owner = Counter(pid_of(connection) for connection in connections).most_common(1)[0][0]
        for connection in connections:
            if pid_of(connection) != owner:
                connection.close()
        until(lambda: len(together.counts()) == 1)
        (most,) = together.counts()
        added = [lasting.enter_context(together.connect()) for _ in range(most)]
        assert sum(pid_of(connection) != owner for connection in added) >= most - 1


def test_a_process_that_hangs_has_no_connections_wait_for_it(together: Together) -> None:
    stopped = together.began["serving"][0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        until(lambda: is_stopped(stopped))  # it may be accepting just now
        began = time.monotonic()
        with together.connected(5):
            assert time.monotonic() - began < 3
            assert stopped not in clients_by_process(together.process.pid, together.port)
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_a_killed_process_is_replaced_and_the_other_notices_nothing(together: Together) -> None:
    with together.connect() as first, ExitStack() as opened:
        killed = pid_of(first)
        others = (opened.enter_context(together.connect()) for _ in range(20))
        spared = next(connection for connection in others if pid_of(connection) != killed)
        spared.sendall(b"GET /slow/spared HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(together.lines("start serving")) == 3)
        assert rest(spared).endswith(b"/slow/spared ")
    together.began["serving"].append(int(together.lines("start serving")[-1].split()[-1]))
    until(lambda: len(children_of(together.process.pid)) == 3)
    with together.connected(4):
        assert len(clients_by_process(together.process.pid, together.port)) == 2


def test_whoever_works_in_the_background_is_replaced_as_well(together: Together) -> None:
    os.kill(together.began["background"][0], signal.SIGKILL)
    until(lambda: len(together.lines("start background")) == 2)
    assert len(together.lines("start serving")) == 2


def test_a_process_that_is_told_to_end_answers_first_and_is_replaced(together: Together) -> None:
    with together.connect() as connection:
        told = pid_of(connection)
        connection.sendall(b"GET /slow/told HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        os.kill(told, signal.SIGTERM)
        assert rest(connection).endswith(b"/slow/told ")
    until(lambda: len(together.lines("start serving")) == 3)


@pytest.mark.parametrize(
    ("number", "is_for_all"),
    [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGHUP, False)],
    ids=["SIGTERM to the parent", "SIGTERM to all", "SIGINT to all", "SIGHUP to the parent"],
)
def test_a_signal_lets_every_request_be_answered(together: Together, number: int, is_for_all: bool) -> None:
    paths = [f"/slow/{index}" for index in range(6)]  # two threads each: two wait
    with ThreadPoolExecutor(len(paths)) as clients:
        answers = [clients.submit(together.get, path) for path in paths]
        time.sleep(0.4)
        # As systemd does, and terminals.
        for pid in together.pids if is_for_all else []:
            os.kill(pid, number)
        assert together.stop(number) == 0
    for path, answer in zip(paths, answers, strict=True):
        assert answer.result().endswith(path.encode() + b" ")
    ends = together.lines("close")
    assert Counter(ends) == {"close serving": 2, "close background": 1, "close parent": 1}
    assert ends[-1] == "close parent"
    assert is_for_all or ends[-2] == "close background"


def test_a_second_signal_ends_the_waiting(together: Together) -> None:
    connections = [together.connect() for _ in range(24)]  # four threads: six seconds of work
    for connection in connections:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)
    began = time.monotonic()
    together.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert together.stop() == 0
    assert time.monotonic() - began < 4
    for connection in connections:
        connection.close()


def test_children_of_a_killed_parent_answer_what_they_have_and_end(together: Together) -> None:
    with together.connect() as asking, together.connect() as idle:
        pid_of(idle)
        asking.sendall(b"GET /slow/orphan HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        together.stop(signal.SIGKILL)
        assert rest(asking).endswith(b"/slow/orphan ")
        assert rest(idle) == b""
    for pid in together.pids:
        until(lambda pid=pid: not is_alive(pid))  # type: ignore[misc]
    with pytest.raises(ConnectionRefusedError):
        together.connect()


def test_what_cannot_begin_is_told_and_ends_all(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    ended = subprocess.run(
        [sys.executable, str(SERVED / "served_together.py"), str(journal), "The disk is full."],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    said = "crmtenant: The disk is full.\ncrmtenant: A process ended before it served; what it said stands above.\n"
    assert ended.stderr == said
    assert journal.read_text().splitlines()[-2:] == ["close background", "close parent"]
