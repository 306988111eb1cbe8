"""Showing the progress of a long command: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_SECONDS = 5.0

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


class _Lines:
    """Prints a line every few seconds, and one at the end."""

    def __init__(self, action: str, total: int) -> None:
        self._action, self._total = action, total
        self._done = 0
        self._began_at = self._printed_at = time.monotonic()

    def advance(self, label: str) -> None:
        self._done += 1
        now = time.monotonic()
        if self._done < self._total and now - self._printed_at < LINE_EVERY_SECONDS:
            return
        self._printed_at = now
        rate = self._done / max(now - self._began_at, 1e-6)
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
