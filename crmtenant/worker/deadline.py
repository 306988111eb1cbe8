"""The end of a process that does not end by itself."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import structlog

#: After this time nothing is waited for any more. What was under way is taken up again, as after a crash.
SECONDS = 17

log = structlog.get_logger(__name__)


def end_after(seconds: float = SECONDS, end: Callable[[int], object] = os._exit) -> threading.Thread:
    """End the process after this time, whatever its threads wait for."""
    thread = threading.Thread(target=_end, args=(seconds, end), name="deadline", daemon=True)
    thread.start()
    return thread


def _end(seconds: float, end: Callable[[int], object]) -> None:
    time.sleep(seconds)
    log.warning("ended_at_deadline", seconds=seconds)
    end(0)
