"""A clock that tests put forward instead of waiting, and where it shows what."""

from __future__ import annotations

import time

#: of companies at both ends of the day, and with odd clocks: half hours, a day that was skipped
ZONES = (
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "Europe/Berlin",
    "Australia/Lord_Howe",
)


class Clock:
    """Goes with the monotonic clock, and can be put forward, never back: nothing that was kept becomes younger."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def put_forward(self, seconds: float) -> None:
        self._ahead += seconds
