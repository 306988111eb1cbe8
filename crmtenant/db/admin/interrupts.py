"""Breaking off what takes long, when the process is to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from crmtenant.errors import OperatorError


class Interrupted(OperatorError):
    """The process is to end, so this was broken off, or not begun."""

    def __init__(self) -> None:
        super().__init__("It was broken off, because the process is to end.")


class Interrupts:
    """What can be broken off at the moment: PostgreSQL's programs, and queries that read whole databases."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[object, Callable[[], object]] = {}
        self.is_set = False

    @contextmanager
    def breaking_off(self, break_off: Callable[[], object]) -> Iterator[None]:
        """Have `break_off` called if the process is to end before the with block does. Raises: `Interrupted`."""
        key = object()
        with self._lock:
            self.check()
            self._running[key] = break_off
        try:
            yield
        finally:
            with self._lock:
                del self._running[key]

    def check(self) -> None:
        """Raise `Interrupted` if the process is to end."""
        if self.is_set:
            raise Interrupted

    def set(self) -> None:
        """Break off what is running, and let nothing begin any more."""
        with self._lock:
            self.is_set = True
        self.break_off()

    def break_off(self) -> None:
        """Break off what is running."""
        with self._lock:
            for break_off in self._running.values():
                with suppress(OSError):
                    break_off()
