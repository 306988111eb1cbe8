"""The parent of the processes that serve: it forks them, starts those again that end, and ends with them.

It has no threads and no connections, for a fork copies threads' locks but not the threads, and connections of which there
may be one owner only. So what goes on beside serving, which needs threads, has a process of its own (ADR 30).
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from crmtenant.serving.children import Child
from crmtenant.serving.stopping import stop_signals

#: How long a child may take that was told to stop.
SERVING_SECONDS = 15.0
BACKGROUND_SECONDS = 20.0
_POLL_SECONDS = 0.05

log = structlog.get_logger(__name__)


class Supervisor:
    """Watches over the children until a signal comes."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stops = stop_signals()
        self.has_failed = False
        """Whether a child could not begin; it has said why."""

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Have signals wait within the with block until they are asked for; those that come later change nothing."""
        signals = {*self._stops, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            yield
        finally:
            for number in self._stops:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    def begin(self, children: Sequence[Child]) -> list[str] | None:
        """Start the children; return what they tell when all have begun, or None if that is not to be."""
        self._children += children
        for child in children:
            child.fork(self._children)
        told: list[str] = []
        missing = list(children)
        while missing:
            if self._next_signal(_POLL_SECONDS) in self._stops:
                return None
            for child in list(missing):
                said = child.heard()
                if said is not None:
                    told += said
                    missing.remove(child)
                elif child.reap() is not None:
                    self.has_failed = True
                    return None
        return told

    def watch(self) -> None:
        """Start every child again that ends, until a signal to stop comes."""
        while self._next_signal(self._pause()) not in self._stops:
            for child in self._children:
                ended = child.reap()
                if ended is not None:
                    log.warning("process_ended", process=child.name, **_how(ended))
                if child.pid is None and time.monotonic() >= child.begin_at:
                    self._replace(child)

    def stop(self, children: Sequence[Child], seconds: float) -> None:
        """Tell the children to stop and wait for them; another signal tells them again. Who takes too long is killed."""
        for child in children:
            child.order()
        deadline = time.monotonic() + seconds
        while self._is_any_alive(children):
            if time.monotonic() >= deadline:
                for child in children:
                    child.kill()
            if self._next_signal(_POLL_SECONDS) in self._stops:
                for child in children:
                    child.order()

    def _replace(self, child: Child) -> None:
        try:
            child.fork(self._children)
        except OSError as problem:  # no memory, or no more processes
            child.postpone()
            log.error("process_not_started", process=child.name, reason=str(problem))  # noqa: TRY400

    def _is_any_alive(self, children: Sequence[Child]) -> bool:
        for child in children:
            child.reap()
        return any(child.pid is not None for child in children)

    def _pause(self) -> float:
        """Return how long nothing is to be done but to wait for a signal."""
        begins = [child.begin_at for child in self._children if child.pid is None]
        return max(0.0, min(begins) - time.monotonic()) if begins else 60.0

    def _next_signal(self, seconds: float) -> int | None:
        found = signal.sigtimedwait({*self._stops, signal.SIGCHLD}, seconds)
        return found.si_signo if found else None


def _how(ended: int) -> dict[str, object]:
    return {"exit_code": ended} if ended >= 0 else {"signal": signal.Signals(-ended).name}
