"""The HTTP server: `[server:main] use = egg:crmtenant` of the ini file.

Serving begins with the platform's `start_serving()` and always ends with its `close()`. After SIGTERM, SIGINT or SIGHUP
the requests already received are answered first. With several `workers`, processes are forked that serve (together.py).
Errors that an operator can fix are printed as one sentence, without a traceback.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from ipaddress import ip_address
from types import FrameType, TracebackType
from typing import Any, Protocol

import hupper
from waitress import wasyncore
from waitress.adjustments import Adjustments

from crmtenant.api.web.headers import HSTS
from crmtenant.errors import OperatorError, SettingsError
from crmtenant.serving.crew import Crew
from crmtenant.serving.kinds_of_work import is_long, is_quick
from crmtenant.serving.listening import Listen, announce, own_listeners
from crmtenant.serving.stopping import Signals, drain
from crmtenant.serving.strict_http import Listener
from crmtenant.serving.together import Divisible, serve_together
from crmtenant.serving.turns import Askers, TurnQueue
from crmtenant.settings import resolved

_EXPECTED = {
    "listen": "addresses such as 127.0.0.1:6543",
    "threads": "a number from 1 to 64",
    "workers": "a number from 1 to 64, or auto",
    "trusted_proxy": "the address of the reverse proxy, such as 127.0.0.1, or none",
}
_MAX_THREADS = _MAX_WORKERS = 64
_SHUTDOWN_SECONDS = 1
_OPEN_FILES = 8192
# A thread that waits for the interpreter, as the one does that reads requests, gets it ten times as soon as by default.
_SWITCH_SECONDS = 0.0005
# The application itself answers 413 a little above its limit; beyond this waitress closes the connection.
_BODY_SLACK_BYTES = 1 << 20
_DEFAULT_BODY_BYTES = 1 << 20


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
        workers = _setting({"workers": "1", **settings}, "workers", _number_or_auto)
        _allow_open_files()
        sys.setswitchinterval(_SWITCH_SECONDS)
        _freeze_what_stays()
        if isinstance(platform, Divisible) and (count := _count(workers, platform, adjustments.threads)) > 1:
            serve_together(count, platform, adjustments, partial(_serve_here, app, platform, adjustments))
            return
        platform.start_serving()

        def begun(listeners: Sequence[Listener]) -> None:
            announce([listener.socket for listener in listeners], getattr(platform, "welcome", ()))

        _serve_here(app, platform, adjustments, Signals(), begun, own_listeners(adjustments), wasyncore.poll2)


def _serve_here(
    app: Any,
    platform: Servable,
    adjustments: Adjustments,
    stopping: Signals,
    begun: Callable[[Sequence[Listener]], None],
    listen: Listen,
    poll: Callable[[float, dict[int, Any]], None],
) -> None:
    """Serve in this process until it is told to stop."""
    # waitress warns whenever requests are queued, which is normal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sockets: dict[int, Any] = {}
    queue = TurnQueue(_askers(platform, adjustments), max(1, adjustments.threads // 2), is_long, is_quick)
    crew = Crew(queue, lambda seconds: poll(seconds, sockets))
    listeners = listen(app, sockets, dispatcher=crew, adj=adjustments)
    for listener in listeners:
        listener.headers_of_errors = _headers_of_errors(platform)
    stopping.catch()
    crew.start(adjustments.threads, listeners[0].pull_trigger)
    begun(listeners)
    stopping.wait()
    crew.relieve()
    drain(sockets, listeners, stopping)
    crew.stop(_SHUTDOWN_SECONDS)


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


def _count(workers: int, platform: Divisible, threads: int) -> int:
    """Return how many processes serve; one for `pserve --reload`, whose own thread a fork would not copy."""
    if hupper.is_active():
        return 1
    return workers or min(len(os.sched_getaffinity(0)), platform.most_processes(threads), _MAX_WORKERS)


def _number_or_auto(value: str) -> int:
    """Return the number of processes, 0 for as many as there are cores."""
    if value == "auto":
        return 0
    number = int(value)
    if not 1 <= number <= _MAX_WORKERS:
        raise ValueError(value)
    return number


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
