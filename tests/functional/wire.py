"""A socket between us and PostgreSQL that counts what goes over the wire, so that no round trip can hide."""

from __future__ import annotations

import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crmtenant.db.pool.address import ServerAddress

if TYPE_CHECKING:
    from tests.functional.installation import Client

_ENCRYPTION_REQUESTS = {80877103, 80877104}
_ASKING = {b"Q", b"S", b"F"}  # Query, Sync and FunctionCall each make the client wait for an answer


class Recorder:
    """What clients sent since `clear`: one entry a round trip, the SQL of simple queries.

    `cut` breaks the connection of a client whose message ends with `cut_at`: it is handed the client's and the server's socket, and
    what the client sent, which has not been passed on.
    """

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.connections = 0
        self.cut_at = ""
        self.cut: Callable[[socket.socket, socket.socket, bytes], None] | None = None

    def clear(self) -> None:
        """Begin counting anew."""
        self.sent.clear()
        self.connections = 0

    @property
    def round_trips(self) -> int:
        """How often a client asked the server something and waited."""
        return len(self.sent)


def verbs_of_a_new_contact(client: Client, recorder: Recorder) -> list[str]:
    """What a new contact sends, a verb each round trip, where the process has everything it keeps."""
    client.create("/api/contacts", given_name="Anna")  # prepares the insert, in the same round trip
    found = []
    for _ in range(4):
        recorder.clear()
        client.create("/api/contacts", given_name="Anna")
        found.append([sent.split()[0] for sent in recorder.sent])
    return min(found, key=len)


class _Stream:
    """The bytes of one client, cut into messages (PostgreSQL's protocol 3, message formats)."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._buffer = b""
        self._is_started = False

    def feed(self, data: bytes) -> None:
        self._buffer += data
        while self._next():
            pass

    def _next(self) -> bool:
        head = 1 if self._is_started else 0
        if len(self._buffer) < head + 4:
            return False
        (length,) = struct.unpack_from("!I", self._buffer, head)
        if len(self._buffer) < head + length:
            return False
        kind, body = self._buffer[:head], self._buffer[head + 4 : head + length]
        self._buffer = self._buffer[head + length :]
        if not self._is_started:
            self._is_started = struct.unpack_from("!I", body)[0] not in _ENCRYPTION_REQUESTS
            self._recorder.connections += self._is_started
        elif kind in _ASKING:
            self._recorder.sent.append(body.rstrip(b"\0").decode())
        return True


class _Proxy:
    def __init__(self, server: ServerAddress, directory: Path) -> None:
        self.recorder = Recorder()
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / f".s.PGSQL.{server.port}"))
        self._listener.listen(64)
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = self._connected()
                self._open += [client, server]
                stream = _Stream(self.recorder)
                watch = partial(self._watch, stream, client, server)
                for arguments in ((client, server, watch), (server, client, None)):
                    threading.Thread(target=_pump, args=arguments, daemon=True).start()

    def _watch(self, stream: _Stream, client: socket.socket, server: socket.socket, data: bytes) -> None:
        recorder, before = self.recorder, len(self.recorder.sent)
        stream.feed(data)
        is_meant = any(sent.endswith(recorder.cut_at) for sent in recorder.sent[before:])
        if recorder.cut is not None and is_meant:
            recorder.cut(client, server, data)
            raise ConnectionAbortedError

    def _connected(self) -> socket.socket:
        host, port = self._server.host, self._server.port
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{host}/.s.PGSQL.{port}")
        return connection


def _pump(source: socket.socket, sink: socket.socket, watch: object) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if callable(watch):
                watch(data)
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def recorded(server: ServerAddress) -> Iterator[tuple[ServerAddress, Recorder]]:
    """The address of the same server by way of a recorder, and the recorder."""
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-wire-"))
    directory.chmod(0o711)
    proxy = _Proxy(server, directory)
    try:
        yield replace(server, host=str(directory)), proxy.recorder
    finally:
        proxy.close()
        shutil.rmtree(directory)
