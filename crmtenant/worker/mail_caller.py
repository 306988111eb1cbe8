"""Calls the worker for the companies whose people a serving process has told something."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from crmtenant.worker.periodic import PeriodicTask, attempt

if TYPE_CHECKING:
    from crmtenant.services.mail.calls import MailCalls

INTERVAL_SECONDS = 5


class MailCaller(PeriodicTask):
    """Calls every few seconds, and once more when the process ends."""

    def __init__(self, calls: MailCalls) -> None:
        super().__init__("mail_calls", [calls.make], interval_seconds=INTERVAL_SECONDS)
        self._calls = calls

    def stop(self, timeout_seconds: float = 10) -> None:
        """End the thread, and make the calls that are left."""
        super().stop(timeout_seconds)
        attempt(self._calls.make, threading.Event())
