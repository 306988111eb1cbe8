"""How soon a process that ended is started again."""

from __future__ import annotations

import pytest

from crmtenant.serving.children import Child


class Life:
    """A child, and a clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.child = Child("one", lambda _orders, _tell: None, clock=lambda: self.now)

    def pause(self) -> float:
        self.child.postpone()
        return self.child.begin_at - self.now


def test_who_dies_young_is_started_again_later_and_later() -> None:
    life = Life()
    pauses = [life.pause() for _ in range(12)]
    assert pauses[:3] == pytest.approx([0.1, 0.2, 0.4])
    assert pauses[-1] == 30


def test_who_lived_long_is_started_again_at_once() -> None:
    life = Life()
    assert life.pause() > 0
    life.now += 10
    assert life.pause() == 0
