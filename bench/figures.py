"""Measured figures with their goals, as a table for people and as bench/RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

RESULTS = Path(__file__).with_name("RESULTS.md")
_COLUMNS = ("bench", "what", "goal", "beyond", "measured", "met", "seen")


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
    """One measured value. `unit` is `%`, `x`, `kB`, `us` or empty; `seen` says from which numbers it was made.

    `beyond` is what is aimed at once the goal is met.
    """

    bench: str
    what: str
    value: float
    unit: str
    seen: str
    goal: Goal | None = None
    beyond: Goal | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the figure as a row of the table."""
        met = ("yes" if self.goal.is_met(self.value) else "NO") if self.goal else ""
        goals = (self._format_goal(self.goal), self._format_goal(self.beyond))
        return (self.bench, self.what, *goals, self._format(self.value), met, self.seen)

    def _format_goal(self, goal: Goal | None) -> str:
        return f"{'>=' if goal.is_least else '<='} {self._format(goal.bound)}" if goal else ""

    def _format(self, value: float) -> str:
        formats = {"%": ".1f", "us": ",.0f"}
        digits = format(value, formats.get(self.unit, ".3g"))
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
