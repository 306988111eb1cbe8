"""What becomes of a job that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg2
import pytest
import structlog

from crmtenant.errors import Unavailable
from crmtenant.worker.periodic import attempt

RUNNING = threading.Event()


def _failing(problem: Exception) -> Callable[[], object]:
    def sweep(what: Any) -> None:
        raise what

    return partial(sweep, problem)


@pytest.mark.parametrize("problem", [psycopg2.OperationalError("server closed\n\tbye"), Unavailable("full")])
def test_a_server_that_is_away_is_told_in_one_line(problem: Exception) -> None:
    with structlog.testing.capture_logs() as logs:
        assert attempt(_failing(problem), RUNNING)
    (entry,) = logs
    assert (entry["event"], entry["log_level"]) == ("job_postponed", "warning")
    assert entry["reason"] in {"server closed", "full"}
    assert entry["job"].endswith("sweep")


def test_anything_else_is_an_error_with_all_that_is_known() -> None:
    with structlog.testing.capture_logs() as logs:
        assert attempt(_failing(KeyError("x")), RUNNING)
    (entry,) = logs
    assert (entry["event"], entry["log_level"], entry["exc_info"]) == ("job_failed", "error", True)
    assert entry["job"].endswith("sweep")


def test_only_false_asks_for_another_turn_soon() -> None:
    assert attempt(lambda: None, RUNNING)
    assert attempt(lambda: 0, RUNNING)
    assert not attempt(lambda: False, RUNNING)
