"""The small application of served.py, served by several processes; `python served_together.py JOURNAL` serves it too."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from crmtenant.errors import OperatorError
from crmtenant.process_table import ProcessTable
from crmtenant.serving.server import serve
from tests.functional.serving.served import App, Journal


class Divided(Journal):
    """A platform that writes down what happens to it in which kind of process."""

    has_background = True
    open_connections = 0

    def __init__(self, path: Path, failure: str = "") -> None:
        super().__init__(path)
        self.processes: ProcessTable | None = None
        self._failure = failure
        self._kind = "parent"

    def most_processes(self, threads: int) -> int:
        return 2

    def prepare_processes(self, count: int, threads: int) -> None:
        self.processes = ProcessTable(count)

    def start_process(self) -> None:
        self._begin("serving")

    def start_background(self) -> None:
        self._begin("background")
        if self._failure:
            raise OperatorError(self._failure)

    def close(self) -> None:
        self.write(f"close {self._kind}")

    def _begin(self, kind: str) -> None:
        self._kind = kind
        self.write(f"start {kind} {os.getpid()}")


class PidApp(App):
    """Answers at /pid which process this is."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/pid":
            return super().__call__(environ, start_response)
        body = f"{os.getpid()} ".encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


def serve_together(journal: Path, failure: str = "") -> None:
    """Serve it by two processes on any port."""
    serve(
        PidApp(Divided(journal, failure)),
        {},
        listen="127.0.0.1:0",
        threads="2",
        workers="2",
        trusted_proxy="none",
    )


if __name__ == "__main__":
    serve_together(Path(sys.argv[1]), *sys.argv[2:])
