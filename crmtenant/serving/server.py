"""The HTTP server: `[server:main] use = egg:crmtenant` of the ini file.

Serving begins with the platform's `start_serving()` and always ends with its `close()`. After SIGTERM or SIGINT the
requests already received are answered first. Errors that an operator can fix are printed as one sentence, without a
traceback.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from ipaddress import ip_address
from types import FrameType, TracebackType
from typing import Any, Protocol

from waitress import wasyncore
from waitress.adjustments import Adjustments

from crmtenant.api.web.headers import HSTS
from crmtenant.errors import OperatorError, SettingsError
from crmtenant.serving.crew import Crew
from crmtenant.serving.kinds_of_work import is_long, is_quick
from crmtenant.serving.strict_http import Listener
from crmtenant.serving.turns import Askers, TurnQueue
from crmtenant.settings import resolved

_EXPECTED = {
    "listen": "addresses such as 127.0.0.1:6543",
    "threads": "a number from 1 to 64",
    "trusted_proxy": "the address of the reverse proxy, such as 127.0.0.1, or none",
}
_MAX_THREADS = 64
_DRAIN_SECONDS = 9
_SHUTDOWN_SECONDS = 1
_IDLE_SECONDS = 1
_OPEN_FILES = 8192
# A thread that waits for the interpreter, as the one does that reads requests, gets it ten times as soon as by default.
_SWITCH_SECONDS = 0.0005
# The application itself answers 413 a little above its limit; beyond this waitress closes the connection.
_BODY_SLACK_BYTES = 1 << 20
_DEFAULT_BODY_BYTES = 1 << 20
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not listened on)


class Servable(Protocol):
    """The part of `app.registry.platform` that the server uses. `welcome`, `settings` and `company_of` are optional."""

    def start_serving(self) -> None:
        """Start background work."""

    def close(self) -> None:
        """Stop background work and PostgreSQL."""


class _NoPlatform:
    def start_serving(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@contextmanager
def starting(global_conf: Mapping[str, Any]) -> Iterator[None]:
    """Handle errors and signals while main() builds the application for a console script (pserve, pshell).

    Errors of settings or operation end the process with one sentence and exit code 1. SIGTERM raises SystemExit, so
    that everything opened is closed again. Elsewhere this does nothing.
    """
    if "__script__" not in global_conf:
        yield
        return
    _raise_on_sigterm()
    try:
        yield
    except (SettingsError, OperatorError) as problem:
        raise SystemExit(_sentence(problem)) from None
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None


def serve(app: Any, global_conf: Mapping[str, Any], **settings: str) -> None:  # noqa: ARG001 (paste's)
    """Serve the application until SIGTERM or SIGINT. This is the paste server runner."""
    # pserve turns SystemExit into success; any other exception gives exit code 1.
    sys.excepthook = _print_error
    _raise_on_sigterm()
    platform: Servable = getattr(getattr(app, "registry", None), "platform", None) or _NoPlatform()
    with closing(platform):
        adjustments = _adjustments(settings, _max_body_bytes(platform))
        _allow_open_files()
        sys.setswitchinterval(_SWITCH_SECONDS)
        _freeze_what_stays()
        platform.start_serving()
        signals = _Signals()
        sockets: dict[int, Any] = {}
        queue = TurnQueue(_askers(platform, adjustments), max(1, adjustments.threads // 2), is_long, is_quick)
        crew = Crew(queue, partial(wasyncore.poll2, map=sockets))
        listeners = _listeners(app, sockets, crew, adjustments)
        for listener in listeners:
            listener.headers_of_errors = _headers_of_errors(platform)
        signals.catch()
        crew.start(adjustments.threads, listeners[0].pull_trigger)
        _announce(listeners, getattr(platform, "welcome", ()))
        signals.wait()
        crew.relieve()
        _drain(sockets, listeners, signals)
        crew.stop(_SHUTDOWN_SECONDS)


class _Signals:
    """Counts the signals to stop."""

    def __init__(self) -> None:
        self.count = 0
        # Any thread may be the one that the system interrupts, but only this pipe wakes the one that waits.
        self._heard, self._told = os.pipe()
        os.set_blocking(self._told, False)

    def catch(self) -> None:
        """Install the handlers."""

        def handle(_number: int, _frame: FrameType | None) -> None:
            self.count += 1

        signal.set_wakeup_fd(self._told)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, handle)

    def wait(self) -> None:
        """Return at the first signal."""
        while not self.count:
            os.read(self._heard, 1)


def _drain(sockets: dict[int, Any], listeners: Sequence[Listener], signals: _Signals) -> None:
    """Have the requests answered that were received before the first signal.

    A second signal, or the end of the time for draining, leaves the rest unanswered.
    """
    for listener in listeners:
        listener.stop_accepting()
    deadline = time.monotonic() + _DRAIN_SECONDS
    while signals.count == 1 and time.monotonic() < deadline:
        wasyncore.poll2(0, sockets)
        for listener in listeners:
            listener.close_idle(before=time.time() - _IDLE_SECONDS)
        if not any(listener.active_channels for listener in listeners):
            return
        wasyncore.poll2(0.1, sockets)


def _adjustments(settings: Mapping[str, str], max_body_bytes: int) -> Adjustments:
    """Return waitress's settings, three of them from the ini file. Raises `SettingsError`."""
    unknown = sorted(settings.keys() - _EXPECTED.keys())
    if unknown:
        raise SettingsError(f"[server:main] {unknown[0]}: unknown setting")
    return Adjustments(
        listen=_setting(settings, "listen", _addresses),
        threads=_setting(settings, "threads", _threads),
        ident=None,
        max_request_header_size=16_384,
        max_request_body_size=max_body_bytes,
        expose_tracebacks=False,
        clear_untrusted_proxy_headers=True,
        **_proxy(_setting(settings, "trusted_proxy", _ip_address_or_none)),
        # Incomplete requests occupy connections: allow many, but not for long.
        connection_limit=1000,
        channel_timeout=10,
        cleanup_interval=2,
        asyncore_use_poll=True,
    )


def _setting(settings: Mapping[str, str], name: str, read: Callable[[str], Any]) -> Any:
    where = f"[server:main] {name}"
    if name not in settings:
        raise SettingsError(f"{where}: missing; expected {_EXPECTED[name]}")
    try:
        value = resolved(str(settings[name]), os.environ)
    except ValueError as problem:
        raise SettingsError(f"{where}: {problem}") from None
    try:
        return read(value)
    except ValueError:
        raise SettingsError(f"{where}: expected {_EXPECTED[name]}, got {value!r}") from None


def _proxy(address: str | None) -> dict[str, Any]:
    """Return the settings to trust the proxy's headers about the client; those of all others are removed."""
    if address is None:
        return {}
    return {"trusted_proxy": address, "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}


def _ip_address_or_none(value: str) -> str | None:
    return None if value == "none" else str(ip_address(value))


def _addresses(value: str) -> str:
    if not value or not all(part.rpartition(":")[2].isdecimal() for part in value.split()):
        raise ValueError(value)
    return " ".join(value.split())


def _threads(value: str) -> int:
    number = int(value)
    if not 1 <= number <= _MAX_THREADS:
        raise ValueError(value)
    return number


def _max_body_bytes(platform: Servable) -> int:
    limits = getattr(platform, "settings", None)
    return limits.max_import_bytes + _BODY_SLACK_BYTES if limits else _DEFAULT_BODY_BYTES


def _headers_of_errors(platform: Servable) -> Sequence[tuple[str, str]]:
    return (HSTS,) if getattr(getattr(platform, "settings", None), "is_secure", False) else ()


def _askers(platform: Servable, adjustments: Adjustments) -> Askers:
    company_of = getattr(platform, "company_of", lambda _authorization: None)
    signed_company_of = getattr(platform, "signed_company_of", company_of)
    return Askers(company_of, adjustments.trusted_proxy, signed_company_of)


def _listeners(app: Any, sockets: dict[int, Any], crew: Crew, adjustments: Adjustments) -> list[Listener]:
    # waitress warns whenever requests are queued, which is normal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listeners = []
    for info in adjustments.listen:
        host, port = info[3][:2]
        try:
            listeners.append(Listener(app, sockets, dispatcher=crew, adj=adjustments, sockinfo=info))
        except OSError as problem:
            raise OperatorError(
                f"Cannot listen on {_url(host, port)}: {problem.strerror}."
                " Stop the other program, or choose another port (PORT=7001 make run)."
            ) from None
    return listeners


def _announce(listeners: Sequence[Listener], welcome: Sequence[str]) -> None:
    addresses = [_url(listener.effective_host, listener.effective_port) for listener in listeners]
    sys.stdout.write("\n".join([*addresses, *welcome]) + "\n")
    sys.stdout.flush()


def _url(host: str, port: int | str) -> str:
    name = _WILDCARDS.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _allow_open_files() -> None:
    """Raise the limit of open files, as far as the hard limit allows, for all connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _freeze_what_stays() -> None:
    """Exempt the application, which lives as long as the process, from every later garbage collection."""
    gc.collect()
    gc.freeze()


def _raise_on_sigterm() -> None:
    def handle(number: int, _frame: FrameType | None) -> None:
        # A second signal must not interrupt the closing.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, handle)


def _print_error(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """Print an uncaught exception to standard error: a sentence for an operator, or a traceback."""
    if isinstance(problem, OperatorError | SettingsError):
        sys.stderr.write(_sentence(problem) + "\n")
    else:
        sys.__excepthook__(kind, problem, trace)


def _sentence(problem: Exception) -> str:
    return f"crmtenant: {problem}"
