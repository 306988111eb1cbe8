"""A small application for tests of the server itself, and the program that serves it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crmtenant.serving.server import serve, starting


class Journal:
    """A platform that writes down what happens to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.welcome = ["Welcome."]
        self.settings = SimpleNamespace(max_import_bytes=1000)

    def start_serving(self) -> None:
        self.write("start_serving")

    def close(self) -> None:
        self.write("close")

    def write(self, line: str) -> None:
        with self._path.open("a") as journal:
            journal.write(line + "\n")


class App:
    """Answers with what it was asked; below /slow after a second, below /nap after some milliseconds.

    An export is 24 MB long, and an import works until its client has left.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.registry = SimpleNamespace(platform=journal)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        body = path.encode() + b" " + environ["wsgi.input"].read()
        if path == "/forwarded":
            body = repr(sorted(name for name in environ if "FORWARDED" in name)).encode()
        if path.endswith("/import"):
            self._import(environ["waitress.client_disconnected"])
        if path.endswith("/export"):
            body = bytes(24 << 20)
        if "/slow" in path:
            time.sleep(1)
        if path.startswith("/nap"):
            time.sleep(0.004)
        if path.startswith("/empty/"):
            start_response(f"{path.rpartition('/')[2]} Empty", [])
            return []
        if path == "/host":
            body = environ.get("HTTP_HOST", "").encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        self._journal.write(f"answered {path}")
        return [body]

    def _import(self, has_left: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not has_left() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._journal.write("left" if has_left() else "stayed")


def main(global_conf: dict[str, str], **settings: str) -> App:
    """The paste application factory; `fail` is a sentence to give up with."""
    from crmtenant.errors import OperatorError

    with starting(global_conf):
        if "fail" in settings:
            raise OperatorError(settings["fail"])
        return App(Journal(Path(settings["journal"])))


def serve_alone(journal: Path) -> None:
    """Serve it by one process on any port."""
    serve(App(Journal(journal)), {}, listen="127.0.0.1:0", threads="2", trusted_proxy="none")
