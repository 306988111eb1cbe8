"""The thread that starts our own PostgreSQL again when it was killed, or its owner ended before us."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from crmtenant.errors import OperatorError

INTERVAL_SECONDS = 2.0

log = structlog.get_logger(__name__)


class ServerWatchdog:
    """Calls `revive` at every interval. Trouble is logged and tried again, it never ends the thread."""

    def __init__(self, revive: Callable[[], bool], *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._revive = revive
        self._interval_seconds = interval_seconds
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Nothing comes back; the thread runs."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 15) -> None:
        """Nothing comes back; the thread has finished the start it was at, and ended."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopping.wait(self._interval_seconds):
            self._look()

    def _look(self) -> None:
        try:
            if self._revive():
                log.warning("postgresql_restarted")
        except OperatorError as problem:
            log.error("postgresql_not_restarted", reason=str(problem))  # noqa: TRY400 (its sentence says it all)
        except Exception:  # the thread outlives whatever one look runs into
            log.exception("watch_failed")
