"""A server in a process of its own, and how to talk to it."""

from __future__ import annotations

import signal
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.forks import Program
from tests.functional.serving.served import serve_alone

SERVED = Path(__file__).parents[1]
ROOT = SERVED.parents[2]
START_SECONDS, STOP_SECONDS = 60, 20


class Running:
    """A server in a process of its own."""

    def __init__(self, journal: Path, main: Callable[[Path], None] = serve_alone) -> None:
        self.journal = journal
        directory = Path(tempfile.mkdtemp(dir=journal.parent))
        self._said, self._errors = directory / "said", directory / "errors"
        self.process = Program(main, journal, stdout=self._said, stderr=self._errors)
        self.url = self.said(1)[0]
        self.port = int(self.url.rpartition(":")[2])

    def said(self, count: int) -> list[str]:
        """So many lines of what it prints, once they are there."""
        deadline = time.monotonic() + START_SECONDS
        while (text := self._said.read_text()).count("\n") < count:
            assert time.monotonic() < deadline, self.errors
            assert self.process.poll() is None, self.errors
            time.sleep(0.005)
        return text.splitlines()[:count]

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def ask(self, raw: bytes) -> bytes:
        """Everything that is answered until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(raw)
            return rest(connection)

    def get(self, path: str) -> bytes:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        return self.process.wait(STOP_SECONDS)


def up_to(connection: socket.socket, end: bytes) -> bytes:
    answer = b""
    while not answer.endswith(end):
        part = connection.recv(1000)
        assert part, "closed too early"
        answer += part
    return answer


def rest(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def is_alive(pid: int) -> bool:
    """Whether it runs; one that ended and that nobody has asked how does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
