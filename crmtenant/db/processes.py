"""Processes for what may not run twice in one: Alembic's `op` and `context` stand for one migration."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor


def processes(count: int) -> ProcessPoolExecutor:
    """So many at most. Each begins when there is work for it, and ends with us however we end."""
    anew = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=anew, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Nothing comes back. Whoever is killed takes the processes along; PostgreSQL undoes what they were at."""
    threading.Thread(target=_wait_for_parent, name="parent", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
