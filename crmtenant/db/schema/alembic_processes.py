"""Processes for what may not run twice in one: Alembic's `op` and `context` stand for one migration."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

from crmtenant.errors import OperatorError


class Processes:
    """So many at most, for the length of a with block. They begin when there is work for them, which mostly there is
    not, and end with us however we end."""

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
        """Nothing comes back; one of them has done the work, and what it raised is raised here. `OperatorError` if
        one has died."""
        try:
            self._begun().submit(work).result()
        except BrokenExecutor:
            raise OperatorError("The process that migrated it died.") from None

    def _begun(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                anew = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._count, mp_context=anew, initializer=_end_with_parent)
            return self._pool


def _end_with_parent() -> None:
    """Nothing comes back. Whoever is killed takes the processes along; PostgreSQL undoes what they were at."""
    threading.Thread(target=_wait_for_parent, name="parent", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
