"""What starts and stops with serving."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class _Companion(NamedTuple):
    start: Callable[[], None]
    stop: Callable[[], None]
    each_process: bool


class Companions:
    """Starts what was added, in that order, and stops in the opposite order what this process has started."""

    def __init__(self) -> None:
        self._added: list[_Companion] = []
        self._started: list[_Companion] = []

    def add(self, start: Callable[[], None], stop: Callable[[], None], *, each_process: bool) -> None:
        """Add what runs once, or else in each process that serves."""
        self._added.append(_Companion(start, stop, each_process))

    @property
    def has_background(self) -> bool:
        """Whether something runs once."""
        return not all(companion.each_process for companion in self._added)

    def start(self) -> None:
        """Start everything."""
        self._start(self._added)

    def start_each(self) -> None:
        """Start what runs in each process that serves."""
        self._start([companion for companion in self._added if companion.each_process])

    def start_background(self) -> None:
        """Start what runs once."""
        self._start([companion for companion in self._added if not companion.each_process])

    def stop(self) -> None:
        """Stop everything that was started; what was to be started when another failed is stopped as well."""
        for companion in reversed(self._started):
            companion.stop()

    def _start(self, companions: list[_Companion]) -> None:
        self._started = companions
        for companion in companions:
            companion.start()
