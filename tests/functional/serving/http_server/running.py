"""A server in a process of its own, and how to talk to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

SERVED = Path(__file__).parents[1]
ROOT = SERVED.parents[2]


class Running:
    """A server in a process of its own."""

    def __init__(self, journal: Path, program: str = "served.py") -> None:
        self.journal = journal
        self.process = subprocess.Popen(
            [sys.executable, str(SERVED / program), str(journal)],
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
            return rest(connection)

    def get(self, path: str) -> bytes:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        _, self.errors = self.process.communicate(timeout=20)
        return self.process.returncode


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
