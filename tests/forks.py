"""Processes that start at once: each is a fork of one that has imported everything and done nothing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


def forked(target: Callable[..., Any], *arguments: Any) -> BaseProcess:
    """A process of its own in which this runs."""
    process = _context.Process(target=target, args=arguments)
    process.start()
    return process
