"""Who leaves a connection to whom."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from crmtenant.process_table import ProcessTable
from crmtenant.serving.spreading import LEFT_SECONDS, Seat


class Two:
    """Two processes with so many clients, and a clock."""

    def __init__(self, ours: int, theirs: int) -> None:
        self.now = 1000.0
        self.table = ProcessTable(2)
        self.ours, self.theirs = (
            Seat(self.table, number, lambda: 0, lambda: self.now) for number in range(2)
        )
        for seat, count in ((self.ours, ours), (self.theirs, theirs)):
            seat.listeners = [SimpleNamespace(active_channels=range(count))]  # type: ignore[list-item]
            seat.tell()


@pytest.mark.parametrize(
    ("ours", "theirs", "is_left"), [(0, 0, False), (3, 3, False), (2, 3, False), (4, 3, True)]
)
def test_who_has_more_leaves_it_to_the_others(ours: int, theirs: int, is_left: bool) -> None:
    assert Two(ours, theirs).ours.leaves_it() is is_left


def test_meanwhile_it_does_not_look_and_then_takes_what_nobody_has_taken() -> None:
    two = Two(4, 3)
    assert two.ours.looks()
    assert two.ours.leaves_it()
    assert not two.ours.looks()
    two.now += LEFT_SECONDS
    assert two.ours.looks()
    assert not two.ours.leaves_it()


def test_it_leaves_the_next_one_as_well_when_somebody_took_the_first() -> None:
    two = Two(4, 2)
    assert two.ours.leaves_it()
    two.theirs.count_accepted()
    two.now += LEFT_SECONDS
    assert two.ours.leaves_it()


def test_who_has_ended_is_left_nothing() -> None:
    two = Two(4, 3)
    two.theirs.leave()
    assert not two.ours.leaves_it()
    assert [(each.number, each.clients) for each in two.table.figures()] == [(0, 4)]
