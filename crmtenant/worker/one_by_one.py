"""A thread that does what it is handed, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

import structlog

log = structlog.get_logger(__name__)


class OneByOne:
    """Calls `handle` with each subject that was put. Errors are logged; they never end the thread."""

    def __init__(self, name: str, handle: Callable[[str], object]) -> None:
        self._handle = handle
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, subject: str) -> None:
        """Have this one handled after those that wait."""
        self._waiting.put(subject)

    def stop(self, timeout_seconds: float = 10) -> None:
        """End the thread without those that wait; if what it does takes longer than the timeout, it ends with the process."""
        self._is_stopping.set()
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while (subject := self._waiting.get()) is not None and not self._is_stopping.is_set():
            try:
                self._handle(subject)
            except Exception:  # the thread outlives whatever one subject raises
                log.exception("not_handled", subject=subject)
