"""One run of the benches: how many rounds, and its progress."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from rich.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """A run. A quick one shows that everything works, with rougher numbers."""

    is_quick: bool
    progress: Progress

    @property
    def rounds(self) -> int:
        """How often every target has its turn."""
        return 3 if self.is_quick else 5

    def watched(self, steps: Iterable[T], what: str, count: int) -> Iterator[T]:
        """The steps, each of them shown as progress."""
        yield from self.progress.track(steps, total=count, description=what)


def seconds(action: object) -> float:
    """How long the action took, by the wall."""
    assert callable(action)
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def median_ratio(ours: list[float], control: list[float]) -> float:
    """The median of the rounds' ratios: what slows one round slows both of its sides."""
    return median(mine / theirs for mine, theirs in zip(ours, control, strict=True))


def spread(ours: list[float], control: list[float]) -> str:
    """The least and the greatest of the rounds' ratios, written out."""
    ratios = [mine / theirs for mine, theirs in zip(ours, control, strict=True)]
    return f"{min(ratios):.3g} to {max(ratios):.3g}"


def ms(times: list[float]) -> str:
    """The median in milliseconds, written out."""
    return f"{median(times) * 1000:.2f} ms"
