"""A clock that tests put forward instead of waiting."""

from __future__ import annotations

import time


class Clock:
    """Goes with the monotonic clock, and can be put forward, never back: nothing that was kept becomes younger."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def put_forward(self, seconds: float) -> None:
        self._ahead += seconds
