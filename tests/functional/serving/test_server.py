"""The web server itself, over real sockets and with real signals."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crmtenant.errors import SettingsError
from crmtenant.serving.server import serve

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


class Running:
    """A server in a process of its own."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "served.py"), str(journal)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.port = int(self.url.rpartition(":")[2])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def ask(self, raw: bytes) -> bytes:
        """Everything that is answered until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(raw)
            return _rest(connection)

    def get(self, path: str) -> bytes:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        _, self.errors = self.process.communicate(timeout=20)
        return self.process.returncode


def _up_to(connection: socket.socket, end: bytes) -> bytes:
    answer = b""
    while not answer.endswith(end):
        part = connection.recv(1000)
        assert part, "closed too early"
        answer += part
    return answer


def _rest(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[], Running]]:
    running: list[Running] = []

    def make() -> Running:
        running.append(Running(tmp_path / "journal"))
        return running[-1]

    yield make
    for server in running:
        if server.process.poll() is None:
            server.process.kill()
            server.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("server") / "journal")
    yield running
    assert running.stop() == 0


# The end


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
            assert _rest(connection).endswith(b"/waiting ")
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
        answer = _rest(connection)
    assert answer.count(b"200 OK") == 3
    assert answer.count(b"Connection: close") == 1
    assert answer.rindex(b"Connection: close") > answer.rindex(b"200 OK")
    assert server.wait() == 0


def test_idle_connections_do_not_hold_up_the_end(run: Callable[[], Running]) -> None:
    server = run()
    with server.connect() as idle, server.connect() as half:
        idle.sendall(b"GET /kept-alive HTTP/1.1\r\nHost: x\r\n\r\n")
        assert _up_to(idle, b"/kept-alive ")
        half.sendall(b"GET /half HTTP/1.1\r\nHost: x\r\n")
        time.sleep(0.2)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 3
        assert _rest(idle) == b""


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


# The beginning


def test_the_address_is_printed_and_then_what_the_platform_has_to_say(run: Callable[[], Running]) -> None:
    server = run()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
    assert server.process.stdout
    assert server.process.stdout.readline() == "Welcome.\n"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"listen": "127.0.0.1:0"}, "threads: missing; expected a number from 1 to 64"),
        ({"listen": "127.0.0.1:0", "threads": "none"}, "threads: expected a number .*, got 'none'"),
        ({"listen": "127.0.0.1:0", "threads": "0"}, "threads: expected"),
        (
            {"listen": "127.0.0.1", "threads": "2", "trusted_proxy": "none"},
            "listen: expected addresses such as",
        ),
        (
            {"listen": "${NO_SUCH_VARIABLE}", "threads": "2", "trusted_proxy": "none"},
            "environment variable NO_SUCH_VARIABLE",
        ),
        (
            {"listen": "127.0.0.1:0", "threads": "2", "trusted_proxy": "none", "ident": "me"},
            "ident: unknown setting",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(settings: dict[str, str], complaint: str) -> None:
    before = sys.excepthook, signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SettingsError, match=complaint):
            serve(lambda environ, start: [], {}, **settings)
    finally:
        sys.excepthook = before[0]
        signal.signal(signal.SIGTERM, before[1])


def _pserve(tmp_path: Path, app: str, listen: str) -> subprocess.CompletedProcess[str]:
    ini = tmp_path / "test.ini"
    ini.write_text(
        f"[app:main]\nuse = call:served:main\njournal = {tmp_path}/journal\n{app}\n"
        f"[server:main]\npaste.server_runner = crmtenant.serving.server:serve\nlisten = {listen}\nthreads = 2\ntrusted_proxy = none\n"
    )
    path = os.pathsep.join([str(ROOT), str(HERE)])
    return subprocess.run(
        [sys.executable, "-m", "pyramid.scripts.pserve", str(ini)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_a_taken_port_is_told_in_one_sentence_and_what_was_opened_is_closed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = _pserve(tmp_path, "", f"127.0.0.1:${{NO_SUCH_VARIABLE:-{port}}}")
    assert answer.returncode == 1
    assert f"Cannot listen on http://127.0.0.1:{port}: Address already in use." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert (tmp_path / "journal").read_text() == "start_serving\nclose\n"


def test_an_application_that_cannot_start_is_told_in_one_sentence(tmp_path: Path) -> None:
    answer = _pserve(tmp_path, "fail = The disk is full.", "127.0.0.1:0")
    assert answer.returncode == 1
    assert answer.stderr == "crmtenant: The disk is full.\n"


# Bad requests

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
    """Like _rest, but a reset after the answer counts as closed: it comes when bytes were left unread."""
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
