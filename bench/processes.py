"""Servers and the load generator as processes of their own, ended with the block that started them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.ground import HOST, ROOT, environment
from bench.load import Slice

_START_SECONDS = 60
_STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers on a port of this machine."""

    pid: int
    port: int


@contextmanager
def pserve(data_dir: Path, workers: int = 1) -> Iterator[Served]:
    """The application as `pserve production.ini` serves it with so many processes, on the data of `data_dir`."""
    port = _free_port()
    with _process(
        ["-m", "pyramid.scripts.pserve", "-q", "production.ini"],
        {**environment(data_dir), "CRMTENANT_PORT": str(port), "CRMTENANT_WORKERS": str(workers)},
    ) as process:
        yield _answering(process, port)


@contextmanager
def module(name: str, environ: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A server that is a module of this package and takes its port as an argument."""
    port = _free_port()
    with _process(["-m", name, str(port)], environ or {}) as process:
        yield _answering(process, port)


class Loader:
    """The load generator's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def prepare(self, name: str, requests: Sequence[str]) -> None:
        """Store the requests under this name; a load sends them one after the other, over and over."""
        self._order(name=name, requests=list(requests))

    def load(self, name: str, port: int, connections: int, seconds: float) -> Slice:
        """A slice of load on a port."""
        return Slice(**self._order(name=name, port=port, connections=connections, seconds=seconds))

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The load generator gave up; what it was answered stands above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def loader() -> Iterator[Loader]:
    """A load generator, started."""
    with _process(["-m", "bench.load"], {}, pipes=True) as process:
        yield Loader(process)


def request_text(method: str, path: str, token: str, body: str = "") -> str:
    """A request as it goes over the wire."""
    length = len(body.encode("utf-8"))
    content = f"Content-Type: application/json\r\nContent-Length: {length}\r\n" if body else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        f"Accept: application/json\r\n{content}\r\n{body}"
    )


@contextmanager
def _process(
    arguments: Sequence[str], environ: Mapping[str, str], *, pipes: bool = False
) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE if pipes else subprocess.DEVNULL
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=pipe,
        stdout=pipe,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _answering(process: subprocess.Popen[str], port: int) -> Served:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return Served(process.pid, port)
    raise RuntimeError(f"The server on port {port} did not begin to serve.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
