"""Measured figures with their goals, as a table for people and as bench/RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

RESULTS = Path(__file__).with_name("RESULTS.md")
_COLUMNS = ("bench", "what", "goal", "measured", "met", "seen")


@dataclass(frozen=True, slots=True)
class Goal:
    """A lower or an upper bound of a figure."""

    bound: float
    is_least: bool

    def is_met(self, value: float) -> bool:
        """Return whether the value is within the bound."""
        return value >= self.bound if self.is_least else value <= self.bound


def at_least(bound: float) -> Goal:
    """Return a goal with a lower bound."""
    return Goal(bound, is_least=True)


def at_most(bound: float) -> Goal:
    """Return a goal with an upper bound."""
    return Goal(bound, is_least=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `unit` is `%`, `x`, `kB` or empty; `seen` says from which numbers it was made."""

    bench: str
    what: str
    value: float
    unit: str
    seen: str
    goal: Goal | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the figure as a row of the table."""
        goal = f"{'>=' if self.goal.is_least else '<='} {self._format(self.goal.bound)}" if self.goal else ""
        met = ("yes" if self.goal.is_met(self.value) else "NO") if self.goal else ""
        return (self.bench, self.what, goal, self._format(self.value), met, self.seen)

    def _format(self, value: float) -> str:
        digits = f"{value:.1f}" if self.unit == "%" else f"{value:.3g}"
        return f"{digits} {self.unit}".rstrip()


def table(figures: Iterable[Figure]) -> Table:
    """Return the figures as a table for the terminal."""
    shown = Table(*_COLUMNS)
    for figure in figures:
        shown.add_row(*figure.cells())
    return shown


def document(machine: Sequence[str], figures: Sequence[Figure]) -> str:
    """Return the figures as Markdown, including missed goals."""
    lines = [
        "# Results",
        "",
        "Written by `make bench`. Each figure is a ratio to a control measured in the same run: targets take turns",
        "in rounds, the median round counts.",
        "",
        *(f"- {line}" for line in machine),
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{'---|' * len(_COLUMNS)}",
        *(f"| {' | '.join(figure.cells())} |" for figure in figures),
    ]
    return "\n".join(lines) + "\n"
