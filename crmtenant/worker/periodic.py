"""A thread that runs jobs at every interval, and at once when it is woken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from crmtenant.db.errors import is_server_unavailable
from crmtenant.errors import sentence

log = structlog.get_logger(__name__)

Job = Callable[[], object]


class PeriodicTask:
    """Runs its jobs one after the other. Errors are logged and the job is tried again; they never end the thread."""

    def __init__(
        self,
        name: str,
        jobs: Sequence[Job],
        *,
        interval_seconds: float,
        wake: threading.Event | None = None,
    ) -> None:
        self._jobs = jobs
        self._interval_seconds = interval_seconds
        self._wake = wake or threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread and with it the first run."""
        self._thread.start()

    def wake(self) -> None:
        """Begin the next run as soon as the present one is over."""
        self._wake.set()

    def stop(self, timeout_seconds: float = 10) -> None:
        """End the thread; if its job takes longer than the timeout, it ends with the process."""
        self._is_stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            self._wake.clear()
            for job in self._jobs:
                attempt(job, self._is_stopping)
            self._wake.wait(self._interval_seconds)


def attempt(job: Job, is_stopping: threading.Event) -> bool:
    """Run the job; return whether it can wait until it is due again, which it can unless it returns False."""
    if is_stopping.is_set():
        return True
    try:
        return job() is not False
    except Exception as problem:  # the thread outlives whatever one job raises
        if is_server_unavailable(problem):
            log.warning("job_postponed", job=_name(job), reason=sentence(problem))
        else:
            log.exception("job_failed", job=_name(job))
    return True


def _name(job: Job) -> str:
    function = job.func if isinstance(job, partial) else job
    return getattr(function, "__qualname__", repr(function))
