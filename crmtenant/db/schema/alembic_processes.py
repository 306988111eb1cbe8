"""Processes for Alembic, whose `op` and `context` are global: one process runs one migration at a time."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

from crmtenant.errors import OperatorError

#: A fork of a process with threads may hold locks that nobody releases.
START_METHOD = "spawn"


class Processes:
    """At most `count` processes, for the length of a with block.

    They are started when there is work for them, and end with their parent however it ends.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, work: Callable[[], object]) -> None:
        """Run the work in one of the processes and raise what it raises. `OperatorError` if the process died."""
        try:
            self._executor().submit(work).result()
        except BrokenExecutor:
            raise OperatorError("The migrating process died.") from None

    def _executor(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context(START_METHOD)
                self._pool = ProcessPoolExecutor(
                    self._count, mp_context=context, initializer=_end_with_parent
                )
            return self._pool


def _end_with_parent() -> None:
    """End this process when its parent ends; PostgreSQL rolls its transaction back."""
    threading.Thread(target=_wait_for_parent, name="parent", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
