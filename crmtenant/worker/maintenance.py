"""The thread that keeps the house in order while requests are served."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crmtenant.worker.periodic import PeriodicTask, attempt

if TYPE_CHECKING:
    import threading

    from crmtenant.services.fleet.spares import Spares
    from crmtenant.services.jobs.reconciler import Reconciler

RETRY_SECONDS = 1.0


class Maintenance(PeriodicTask):
    """Reconciles at start and at every interval, sweeps out what expired, and keeps spares ready.

    `wake` is set by whoever uses up a spare. Of several processes, one at a time does the work: reconciler
    and spares see to that by an advisory lock. Trouble is logged and tried again, it never ends the thread.
    """

    def __init__(
        self,
        reconciler: Reconciler,
        spares: Spares,
        sweeps: Sequence[Callable[[], object]],
        *,
        interval_seconds: float,
        wake: threading.Event,
    ) -> None:
        chores = (reconciler.reconcile, *sweeps)
        super().__init__("upkeep", chores, interval_seconds=interval_seconds, wake=wake)
        self._spares = spares

    def _run(self) -> None:
        """A whole round at every interval; the spares in between, whenever woken."""
        due_at = time.monotonic()
        while not self._is_stopping.is_set():
            self._wake.clear()
            if time.monotonic() >= due_at:
                for chore in self._chores:
                    attempt(chore, self._is_stopping)
                due_at = time.monotonic() + self._interval_seconds
            pause = due_at - time.monotonic()
            if not attempt(self._top_up, self._is_stopping):
                pause = min(pause, RETRY_SECONDS)
            self._wake.wait(max(0.0, pause))

    def _top_up(self) -> bool:
        """Whether the spares are complete; not if another process is at it, which may have counted before."""
        return self._spares.top_up(self._is_stopping.is_set) is not None
