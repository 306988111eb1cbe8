"""What may be spent on a file."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from crmtenant.errors import TooLarge, Unavailable
from crmtenant.formats.effort import SECONDS, SECONDS_PER_BYTE, SECONDS_PER_ROW, Effort


@pytest.fixture
def clock():
    return SimpleNamespace(now=100.0)


def test_reading_ends_when_it_has_taken_too_long(clock):
    effort = Effort(1000, clock=lambda: clock.now)
    file = effort.file(io.BytesIO(b"x" * 200_000))
    assert len(file.read(100_000)) == 100_000
    clock.now += SECONDS + 1000 * SECONDS_PER_BYTE + 0.001
    with pytest.raises(TooLarge) as refusal:
        file.read()
    assert refusal.value.reason == "too_costly"


def test_each_row_may_take_its_time(clock):
    effort = Effort(0, clock=lambda: clock.now)
    clock.now += SECONDS
    for _ in effort.rows(range(100)):
        clock.now += SECONDS_PER_ROW
    rows = effort.rows(range(100))
    next(rows)
    clock.now += 3 * SECONDS_PER_ROW
    with pytest.raises(TooLarge):
        next(rows)


def test_it_ends_when_the_client_has_left():
    gone = []
    effort = Effort(0, lambda: bool(gone))
    rows = effort.rows(range(9))
    assert next(rows) == 0
    gone.append(True)
    with pytest.raises(Unavailable) as refusal:
        next(rows)
    assert refusal.value.reason == "client_left"


def test_the_file_is_read_as_it_is_and_left_open():
    original = io.BytesIO(b"one\ntwo\n" * 50_000)
    file = Effort(0).file(original)
    assert file.readline() == b"one\n"
    assert file.seek(0, io.SEEK_END) == 400_000
    file.seek(4)
    assert file.read(4) == b"two\n"
    file.close()
    assert not original.closed
