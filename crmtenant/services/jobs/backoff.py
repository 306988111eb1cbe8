"""Backing off from companies that failed lately, so that they are not tried again at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crmtenant.clock import now


class Backoff:
    """Remembers failures for a while. Each process has its own: another, or the next, tries at once."""

    def __init__(self, pause: timedelta, clock: Callable[[], datetime] = now) -> None:
        self._pause = pause
        self._clock = clock
        self._failed_at: dict[str, datetime] = {}

    def allows(self, company_id: str) -> bool:
        """Return whether the company has not failed within the pause."""
        failed_at = self._failed_at.get(company_id)
        return failed_at is None or self._clock() - failed_at >= self._pause

    def record(self, company_id: str, *, succeeded: bool) -> None:
        """Record the outcome of an attempt."""
        if succeeded:
            self._failed_at.pop(company_id, None)
        else:
            self._failed_at[company_id] = self._clock()
