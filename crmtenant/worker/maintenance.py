"""The thread that maintains the installation while requests are served."""

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
    """Reconciles at start and at every interval, sweeps what expired, and keeps spares ready.

    `wake` is set when a spare was used. With several processes, one at a time does the work: reconciler and spares
    hold an advisory lock. Errors are logged and the job is tried again; they never end the thread.
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
        jobs = (reconciler.reconcile, *sweeps)
        super().__init__("maintenance", jobs, interval_seconds=interval_seconds, wake=wake)
        self._spares = spares

    def _run(self) -> None:
        """Run all jobs at every interval, and only the spares in between, when woken."""
        due_at = time.monotonic()
        while not self._is_stopping.is_set():
            self._wake.clear()
            if time.monotonic() >= due_at:
                for job in self._jobs:
                    attempt(job, self._is_stopping)
                due_at = time.monotonic() + self._interval_seconds
            pause = due_at - time.monotonic()
            if not attempt(self._top_up, self._is_stopping):
                pause = min(pause, RETRY_SECONDS)
            self._wake.wait(max(0.0, pause))

    def _top_up(self) -> bool:
        """Return whether the spares are complete; False if another process makes them, which may have counted before."""
        return self._spares.top_up(self._is_stopping.is_set) is not None
