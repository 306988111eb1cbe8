"""Counts what reading something costs, in lines of Python and calls of functions written in C.

Time is not measured: it depends on the machine. What one call in C costs is seen by tests/unit/schemas/
test_regular_expressions.py, and by nobody for copies of long texts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from crmtenant.errors import DomainError

MOST = 2.2
"""Times the cost for twice the input."""
SLACK = 500


def cost_of(work: Callable[[], Any]) -> int:
    """How many lines of Python were executed, and functions in C called, by the work; refused work counts too."""
    count = 0

    def tick(*_: Any) -> Any:
        nonlocal count
        count += 1
        return tick

    traced, profiled = sys.gettrace(), sys.getprofile()
    sys.setprofile(tick)
    sys.settrace(tick)
    try:
        with suppress(DomainError):
            work()
    finally:
        sys.settrace(traced)
        sys.setprofile(profiled)
    return count


def assert_linear(work: Callable[[Any], Any], made: Callable[[int], Any], size: int) -> None:
    """What is made twice as large costs at most 2.2 times as much."""
    once, twice = made(size), made(2 * size)
    for kept_in_memory_from_now_on in (once, twice):
        with suppress(DomainError):
            work(kept_in_memory_from_now_on)
    costs = cost_of(lambda: work(once)), cost_of(lambda: work(twice))
    assert costs[1] <= MOST * costs[0] + SLACK, costs
