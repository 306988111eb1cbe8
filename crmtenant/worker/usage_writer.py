"""Writes down what a serving process has counted of its companies' use."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from crmtenant.worker.periodic import PeriodicTask, attempt

if TYPE_CHECKING:
    from crmtenant.services.monitoring.usage import UsageCounter

INTERVAL_SECONDS = 30


class UsageWriter(PeriodicTask):
    """Writes every half minute, and once more when the process ends."""

    def __init__(self, usage: UsageCounter) -> None:
        super().__init__("usage", [usage.flush], interval_seconds=INTERVAL_SECONDS)
        self._usage = usage

    def stop(self, timeout_seconds: float = 10) -> None:
        """End the thread, and write what is left."""
        super().stop(timeout_seconds)
        attempt(self._usage.flush, threading.Event())
