"""Telling how far a long command is: a bar on a terminal, a line now and then elsewhere."""

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
def progress(what: str, total: int, *, is_quiet: bool = False) -> Iterator[Advance]:
    """A function to call with a word on each thing that is done. Everything goes to standard error."""
    if is_quiet or total == 0:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task(what, total=total, word="")
            yield lambda word: bar.update(task, advance=1, word=word)
    else:
        yield _Lines(what, total).advance


class _Lines:
    """A line every few seconds, and one at the end."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._done = 0
        self._began_at = self._told_at = time.monotonic()

    def advance(self, word: str) -> None:
        self._done += 1
        now = time.monotonic()
        if self._done < self._total and now - self._told_at < LINE_EVERY_SECONDS:
            return
        self._told_at = now
        rate = self._done / max(now - self._began_at, 1e-6)
        left = (self._total - self._done) / rate
        click.echo(
            f"{self._what}: {self._done} of {self._total}, {rate:.1f} a second, {left:.0f} s left ({word})",
            err=True,
        )


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[word]}"),
        console=Console(stderr=True),
    )
