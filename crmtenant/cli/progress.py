"""Showing the progress of a long command: a bar on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

LINES = 10


class Advance(Protocol):
    """To be called with a label for each item that is done, and its weight."""

    def __call__(self, label: str, weight: float = 1, /) -> None: ...


@contextmanager
def progress(
    action: str, total: int, *, weight: float | None = None, is_quiet: bool = False
) -> Iterator[Advance]:
    """Give a function to call for each item that is done. Everything goes to standard error.

    How long the rest takes is estimated by weight, where not all items weigh the same: `weight` is that of all.
    """
    if is_quiet or total == 0:
        yield lambda _label, _weight=1: None
    elif sys.stderr.isatty():
        with _bar() as bar:
            yield _Bar(bar, action, total, weight or total).advance
    else:
        yield _Lines(action, total, weight or total).advance


def steps(about: str, *, is_quiet: bool = False) -> Callable[[str], None]:
    """Return a function to call with what is being done: on a terminal each is shown, elsewhere one of each kind."""
    shown: list[str] = []

    def show(step: str) -> None:
        kind = step.split(" ", 1)[0]
        if is_quiet or (kind in shown and not sys.stderr.isatty()):
            return
        shown.append(kind)
        click.echo(f"{about}: {step}", err=True)

    return show


class _Bar:
    """Moves a bar on by the items' weight."""

    def __init__(self, bar: Progress, action: str, total: int, weight: float) -> None:
        self._bar, self._total, self._done = bar, total, 0
        self._task = bar.add_task(action, total=weight, label="", count=f"0/{total}")

    def advance(self, label: str, weight: float = 1, /) -> None:
        self._done += 1
        self._bar.update(self._task, advance=weight, label=label, count=f"{self._done}/{self._total}")


class _Lines:
    """Prints a line for each tenth of the way."""

    def __init__(self, action: str, total: int, weight: float) -> None:
        self._action, self._total = action, total
        self._done, self._weight_left, self._weight_done = 0, weight, 0.0
        self._began_at = time.monotonic()

    def advance(self, label: str, weight: float = 1, /) -> None:
        before = self._done * LINES // self._total
        self._done += 1
        self._weight_done += weight
        self._weight_left -= weight
        if self._done * LINES // self._total == before:
            return
        elapsed = time.monotonic() - self._began_at
        rate = self._done / max(elapsed, 1e-6)
        left = elapsed * self._weight_left / self._weight_done
        click.echo(
            f"{self._action}: {self._done} of {self._total}, {rate:.1f} a second, {left:.0f} s left ({label})",
            err=True,
        )


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[label]}"),
        console=Console(stderr=True),
    )
