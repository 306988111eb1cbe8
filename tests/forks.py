"""Processes that start at once: each is a fork of one that has imported everything and done nothing."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

START_METHOD = "forkserver"
_context = multiprocessing.get_context(START_METHOD)
_context.set_forkserver_preload(["tests.preloaded"])


def forked(target: Callable[..., Any], *arguments: Any) -> BaseProcess:
    """A process of its own in which this runs."""
    process = _context.Process(target=target, args=arguments)
    process.start()
    return process


class Program:
    """A program in a process of its own, which prints into files and ends as `SystemExit` says."""

    def __init__(
        self,
        main: Callable[..., object],
        *arguments: object,
        stdout: Path,
        stderr: Path,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        for file in (stdout, stderr):
            file.touch()
        self._process = forked(_run, main, arguments, (stdout, stderr), dict(environ))

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process.pid
        return self._process.pid

    def send_signal(self, number: int) -> None:
        """Send it the signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def poll(self) -> int | None:
        """How it ended, if it did."""
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        """How it ended, once it did."""
        self._process.join(seconds)
        code = self.poll()
        assert code is not None, f"it still runs after {seconds} s"
        return code


def _run(
    main: Callable[..., object],
    arguments: tuple[Any, ...],
    streams: tuple[Path, Path],
    environ: dict[str, str],
) -> None:
    for number, file in enumerate(streams, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environ)
    main(*arguments)
