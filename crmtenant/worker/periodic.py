"""A thread that does chores at every interval, and at once when it is woken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from crmtenant.db.errors import SERVER_UNAVAILABLE
from crmtenant.errors import sentence

log = structlog.get_logger(__name__)

Chore = Callable[[], object]


class PeriodicTask:
    """Does `chores`, one after the other. Trouble is logged and tried again, it never ends the thread."""

    def __init__(
        self,
        name: str,
        chores: Sequence[Chore],
        *,
        interval_seconds: float,
        wake: threading.Event | None = None,
    ) -> None:
        self._chores = chores
        self._interval_seconds = interval_seconds
        self._wake = wake or threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Nothing comes back; the thread runs, and the first round has begun."""
        self._thread.start()

    def wake(self) -> None:
        """Nothing comes back; the next round begins as soon as the one under way is over."""
        self._wake.set()

    def stop(self, timeout_seconds: float = 10) -> None:
        """Nothing comes back; the thread has ended, or is left to end with the process after its chore."""
        self._is_stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            self._wake.clear()
            for chore in self._chores:
                attempt(chore, self._is_stopping)
            self._wake.wait(self._interval_seconds)


def attempt(chore: Chore, is_stopping: threading.Event) -> bool:
    """Whether the chore can wait until it is due again: always, unless it says False."""
    if is_stopping.is_set():
        return True
    try:
        return chore() is not False
    except SERVER_UNAVAILABLE as problem:
        log.warning("chore_put_off", chore=_name(chore), reason=sentence(problem))
    except Exception:  # the thread outlives whatever one chore runs into
        log.exception("chore_failed", chore=_name(chore))
    return True


def _name(chore: Chore) -> str:
    said = chore.func if isinstance(chore, partial) else chore
    return getattr(said, "__qualname__", repr(said))
