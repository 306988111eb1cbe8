"""A relay in front of PostgreSQL that counts what goes over the wire: requests to the server that await an answer."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_QUERY, _SYNC = b"Q", b"S"
_HEAD = struct.Struct("!cI")
_STARTUP_LENGTH = struct.Struct("!I")


class Wire:
    """How many round trips there have been: simple queries and Sync messages (PostgreSQL's documentation, 54.2)."""

    def __init__(self, directory: Path, target: Path) -> None:
        self.directory = directory
        self.trips = 0
        self._target = target
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / target.name))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections."""
        # A thread that sits in accept() is not woken by close().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._target))
            for relay, ends in ((self._count, (client, server)), (_copy, (server, client))):
                threading.Thread(target=relay, args=ends, daemon=True).start()

    def _count(self, client: socket.socket, server: socket.socket) -> None:
        """Relay what the client sends, counting its requests."""
        pending, has_started = bytearray(), False
        while data := _received(client):
            pending += data
            while (size := _message_size(pending, has_started)) and len(pending) >= size:
                self.trips += has_started and bytes(pending[:1]) in {_QUERY, _SYNC}
                del pending[:size]
                has_started = True
            server.sendall(data)
        server.close()


def _message_size(pending: bytearray, has_started: bool) -> int:
    """The length of the first message, 0 while its head is not there yet. Only the very first has no type."""
    if has_started:
        return 1 + _HEAD.unpack_from(pending)[1] if len(pending) >= _HEAD.size else 0
    return int(_STARTUP_LENGTH.unpack_from(pending)[0]) if len(pending) >= _STARTUP_LENGTH.size else 0


def _copy(source: socket.socket, target: socket.socket) -> None:
    while data := _received(source):
        try:
            target.sendall(data)
        except OSError:
            break
    target.close()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""


@contextmanager
def wire_to(sockets: str, port: int) -> Iterator[Wire]:
    """A relay to the server whose Unix socket lies in the directory `sockets`."""
    with tempfile.TemporaryDirectory(prefix="crmtenant-wire-") as directory:
        wire = Wire(Path(directory), Path(sockets) / f".s.PGSQL.{port}")
        try:
            yield wire
        finally:
            wire.close()
