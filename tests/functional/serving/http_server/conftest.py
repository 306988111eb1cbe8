"""Servers that are running."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.serving.http_server.running import Running


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[], Running]]:
    running: list[Running] = []

    def make() -> Running:
        running.append(Running(tmp_path / "journal"))
        return running[-1]

    yield make
    for server in running:
        server.process.send_signal(signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("server") / "journal")
    yield running
    assert running.stop() == 0
