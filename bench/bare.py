"""The control for everything over HTTP: plain waitress with a constant response of 10 kB. `python -m bench.bare PORT`."""

from __future__ import annotations

import logging
import sys
from typing import Any

import waitress

_BODY = b"x" * 10_240
_HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(_BODY)))]


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Return the constant response."""
    del environ
    start_response("200 OK", _HEADERS)
    return [_BODY]


def serve(served: Any, port: str) -> None:
    """Serve with waitress, without its log of the queue, like our own server."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(served, listen=f"127.0.0.1:{port}", threads=4)


if __name__ == "__main__":
    serve(app, sys.argv[1])
