"""A small load generator: keep-alive connections, bytes made beforehand, only Content-Length read.

It runs in a process of its own (`python -m bench.load`): one JSON object a line in, one a line out. It knows
nothing but the standard library, and is made to cost less than the cheapest server.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from itertools import cycle
from statistics import median
from typing import Any

_BUFFER_BYTES = 1 << 18
_LENGTH = b"\r\nContent-Length: "
_END = b"\r\n\r\n"


class _Connection:
    """One connection, asking again as soon as it was answered."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._missing = 0
        self.fileno = self._socket.fileno()
        self.asked_at = 0.0

    def ask(self, request: bytes) -> None:
        self.asked_at = time.perf_counter()
        self._socket.sendall(request)

    def is_answered(self) -> bool:
        """Whether what has just come in ends the answer."""
        count = self._socket.recv_into(self._view)
        if not count:
            raise ConnectionError("the server hung up")
        if self._missing:
            self._missing -= count
        else:
            self._missing = self._length(count) - count
        return not self._missing

    def _length(self, count: int) -> int:
        """The length of the whole answer, whose head is in the buffer."""
        if not self._buffer.startswith(b"HTTP/1.1 20"):
            raise ConnectionError(bytes(self._buffer[: min(count, 600)]).decode("latin-1"))
        end = self._buffer.index(_END, 0, count)
        at = self._buffer.index(_LENGTH, 0, end) + len(_LENGTH)
        line_end = self._buffer.index(b"\r\n", at)
        return end + len(_END) + int(self._buffer[at:line_end])

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice of load showed. Times in seconds; `own_cpu` is the generator's for one request."""

    per_second: float
    median_latency: float
    p95_latency: float
    worst_latency: float
    own_cpu: float
    count: int


def load(port: int, requests: list[bytes], connections: int, seconds: float) -> Slice:
    """Load on a port for a while: so many connections, each with one request under way."""
    with ExitStack() as opened:
        poll = opened.enter_context(select.epoll())
        all_of_them = [opened.enter_context(closing(_Connection(port))) for _ in range(connections)]
        for one in all_of_them:
            poll.register(one.fileno, select.EPOLLIN)
        return _exchange(poll, {one.fileno: one for one in all_of_them}, cycle(requests), seconds)


def _exchange(
    poll: select.epoll, connections: dict[int, _Connection], requests: Iterator[bytes], seconds: float
) -> Slice:
    latencies: list[float] = []
    own, begin = time.process_time(), time.perf_counter()
    for one in connections.values():
        one.ask(next(requests))
    waiting = len(connections)
    while waiting:
        for fileno, _ in poll.poll():
            one = connections[fileno]
            if not one.is_answered():
                continue
            moment = time.perf_counter()
            latencies.append(moment - one.asked_at)
            if moment < begin + seconds:
                one.ask(next(requests))
            else:
                waiting -= 1
    taken, own = time.perf_counter() - begin, time.process_time() - own
    latencies.sort()
    return Slice(
        per_second=len(latencies) / taken,
        median_latency=median(latencies),
        p95_latency=latencies[int(0.95 * len(latencies))],
        worst_latency=latencies[-1],
        own_cpu=own / len(latencies),
        count=len(latencies),
    )


def _answer(order: dict[str, Any], known: dict[str, list[bytes]]) -> dict[str, Any]:
    if "requests" in order:
        known[order["name"]] = [text.encode("utf-8") for text in order["requests"]]
        return {}
    return asdict(load(order["port"], known[order["name"]], order["connections"], order["seconds"]))


def main() -> None:
    """Execute each order read from standard input."""
    known: dict[str, list[bytes]] = {}
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line), known)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
