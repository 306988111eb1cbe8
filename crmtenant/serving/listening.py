"""The sockets that are listened on, and the addresses that are printed."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from waitress.adjustments import Adjustments

from crmtenant.errors import OperatorError
from crmtenant.serving.strict_http import Listener

#: Makes the listeners of an application: `(app, sockets, dispatcher=..., adj=...)`.
Listen = Callable[..., Sequence[Listener]]

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not listened on)


def own_listeners(adjustments: Adjustments) -> Listen:
    """Return what opens the sockets of this process. Raises: `OperatorError` if that cannot be."""

    def listen(*arguments: Any, **options: Any) -> list[Listener]:
        listeners = []
        for info in adjustments.listen:
            with _telling_why(info):
                listeners.append(Listener(*arguments, sockinfo=info, **options))
        return listeners

    return listen


def bound_sockets(adjustments: Adjustments) -> list[socket.socket]:
    """Return sockets that processes to be forked will share, not listening yet. Raises: `OperatorError`."""
    bound = []
    for info in adjustments.listen:
        family, kind, protocol, address = info
        with _telling_why(info):
            opened = socket.socket(family, kind, protocol)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.bind(address)
            bound.append(opened)
    return bound


def announce(sockets: Sequence[socket.socket], welcome: Sequence[str]) -> None:
    """Print where the server is, and what else there is to say."""
    addresses = [_url(*opened.getsockname()[:2]) for opened in sockets]
    sys.stdout.write("\n".join([*addresses, *welcome]) + "\n")
    sys.stdout.flush()


@contextmanager
def _telling_why(info: Any) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OperatorError(
            f"Cannot listen on {_url(*info[3][:2])}: {problem.strerror}."
            " Stop the other program, or choose another port (PORT=7001 make run)."
        ) from None


def _url(host: str, port: int | str) -> str:
    name = _WILDCARDS.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
