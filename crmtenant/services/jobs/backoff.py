"""What went wrong lately with which company, so that it is not tried again at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crmtenant.clock import now


class Setbacks:
    """Kept by one process for itself: another, or the next, tries at once."""

    def __init__(self, pause: timedelta, clock: Callable[[], datetime] = now) -> None:
        self._pause = pause
        self._clock = clock
        self._failed_at: dict[str, datetime] = {}

    def may_be_tried(self, company_id: str) -> bool:
        """Whether nothing went wrong with this company for so long."""
        failed_at = self._failed_at.get(company_id)
        return failed_at is None or self._clock() - failed_at >= self._pause

    def note(self, company_id: str, *, went_well: bool) -> None:
        """Nothing comes back; how it went is known."""
        if went_well:
            self._failed_at.pop(company_id, None)
        else:
            self._failed_at[company_id] = self._clock()
