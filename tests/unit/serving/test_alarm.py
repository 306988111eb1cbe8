"""The alarm that tells a deputy that the leader serves for long."""

import threading
import time
from contextlib import closing

import pytest

from crmtenant.serving.alarm import Alarm

SECONDS = 0.05


@pytest.fixture
def alarm():
    with closing(Alarm(SECONDS)) as alarm:
        yield alarm


def test_it_goes_off_when_the_time_is_up(alarm):
    began = time.monotonic()
    alarm.set()
    alarm.wait()
    assert time.monotonic() - began >= SECONDS


def test_who_waits_is_woken_at_once_when_it_is_rung(alarm):
    woken = threading.Thread(target=alarm.wait, daemon=True)
    woken.start()
    alarm.ring()
    woken.join(5)
    assert not woken.is_alive()


def test_an_alarm_that_was_cancelled_wakes_nobody(alarm):
    woken = threading.Thread(target=alarm.wait, daemon=True)
    woken.start()
    alarm.set()
    alarm.cancel()
    woken.join(4 * SECONDS)
    assert woken.is_alive()
    alarm.ring()
    woken.join(5)
    assert not woken.is_alive()
