"""The thread that restarts our embedded PostgreSQL when it was killed, or the process that started it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from crmtenant.errors import OperatorError

INTERVAL_SECONDS = 2.0

log = structlog.get_logger(__name__)


class ServerWatchdog:
    """Calls `revive` at every interval. Errors are logged and it is tried again; they never end the thread."""

    def __init__(self, revive: Callable[[], bool], *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._revive = revive
        self._interval_seconds = interval_seconds
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server_watchdog", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 15) -> None:
        """End the thread, after a restart that is under way."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopping.wait(self._interval_seconds):
            self._check()

    def _check(self) -> None:
        try:
            if self._revive():
                log.warning("postgresql_restarted")
        except OperatorError as problem:
            log.error("postgresql_not_restarted", reason=str(problem))  # noqa: TRY400 (the message says it all)
        except Exception:  # the thread outlives whatever one check raises
            log.exception("server_watchdog_failed")
