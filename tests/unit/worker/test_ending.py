"""A worker ends in time, whatever it is doing."""

from __future__ import annotations

import threading
import time

from crmtenant.worker.deadline import end_after
from crmtenant.worker.one_by_one import OneByOne

SOON = 0.05


def test_what_takes_too_long_is_not_waited_for_and_nothing_else_is_begun() -> None:
    begun, going_on, handled = threading.Event(), threading.Event(), []

    def handle(subject: str) -> None:
        handled.append(subject)
        begun.set()
        going_on.wait(10)

    one = OneByOne("registration", handle)
    one.start()
    one.put("first")
    one.put("second")
    assert begun.wait(10)
    began = time.monotonic()
    one.stop(timeout_seconds=SOON)
    assert time.monotonic() - began < 5
    going_on.set()
    one.stop()
    assert handled == ["first"]


def test_one_that_fails_stops_none_of_the_others() -> None:
    done = threading.Event()

    def handle(subject: str) -> None:
        if subject == "odd":
            raise KeyError(subject)
        done.set()

    one = OneByOne("registration", handle)
    one.start()
    one.put("odd")
    one.put("next")
    assert done.wait(10)
    one.stop()


def test_one_that_was_never_started_can_be_stopped() -> None:
    OneByOne("registration", str).stop()


def test_the_process_ends_at_the_deadline_whatever_it_waits_for() -> None:
    codes: list[int] = []
    end_after(SOON, codes.append).join(10)
    assert codes == [0]
