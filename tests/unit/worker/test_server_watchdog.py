"""The thread that looks after our own PostgreSQL."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from crmtenant.errors import OperatorError
from crmtenant.worker.server_watchdog import ServerWatchdog


def _looked(*answers: bool | Exception) -> list[str]:
    """What is logged when `revive` answers like this, one look after the other."""
    left, is_done = list(answers), threading.Event()

    def revive() -> bool:
        if not left:
            is_done.set()
            return False
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with capture_logs() as logs:
        watch = ServerWatchdog(revive, interval_seconds=0.001)
        watch.start()
        assert is_done.wait(10)
        watch.stop()
    return [f"{entry['log_level']} {entry['event']}" for entry in logs]


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        (False, []),
        (True, ["warning postgresql_restarted"]),
        (OperatorError("PostgreSQL does not start."), ["error postgresql_not_restarted"]),
        (ZeroDivisionError(), ["error server_watchdog_failed"]),
    ],
    ids=str,
)
def test_what_a_look_finds_is_logged_and_the_next_look_follows(
    answer: bool | Exception, logged: list[str]
) -> None:
    assert _looked(answer) == logged
    assert _looked(answer, True) == [*logged, "warning postgresql_restarted"]


def test_a_stopped_watch_looks_no_more() -> None:
    looks = threading.Semaphore(0)

    def revive() -> bool:
        looks.release()
        return False

    watch = ServerWatchdog(revive, interval_seconds=0.001)
    watch.start()
    assert looks.acquire(timeout=10)
    watch.stop()
    while looks.acquire(blocking=False):
        pass
    assert not looks.acquire(timeout=0.05)


def test_a_watch_that_never_began_can_be_stopped() -> None:
    ServerWatchdog(lambda: False).stop()
