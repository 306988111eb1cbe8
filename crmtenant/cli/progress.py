"""Showing the progress of a long command: a bar on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINES = 10

Advance = Callable[[str], None]


@contextmanager
def progress(action: str, total: int, *, is_quiet: bool = False) -> Iterator[Advance]:
    """Give a function to call with a label for each item that is done. Everything goes to standard error."""
    if is_quiet or total == 0:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task(action, total=total, label="")
            yield lambda label: bar.update(task, advance=1, label=label)
    else:
        yield _Lines(action, total).advance


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


class _Lines:
    """Prints a line for each tenth of the way."""

    def __init__(self, action: str, total: int) -> None:
        self._action, self._total = action, total
        self._done = 0
        self._began_at = time.monotonic()

    def advance(self, label: str) -> None:
        before = self._done * LINES // self._total
        self._done += 1
        if self._done * LINES // self._total == before:
            return
        rate = self._done / max(time.monotonic() - self._began_at, 1e-6)
        left = (self._total - self._done) / rate
        click.echo(
            f"{self._action}: {self._done} of {self._total}, {rate:.1f} a second, {left:.0f} s left ({label})",
            err=True,
        )


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[label]}"),
        console=Console(stderr=True),
    )
