"""Marks in memory that a process shares with those forked from it: what one of them changes, all of them see."""

from __future__ import annotations

import mmap
from zlib import crc32

_SIZE = 4096
_BYTES = 8


class SharedMarks:
    """A mark for each of any number of names. Several names may share one, so a mark changes too often, never too rarely.

    Two processes that change the same mark at once may change it by one only. That is enough: both have done before what
    they announce, so whoever sees the new mark sees what both have done.
    """

    def __init__(self) -> None:
        self._marks = memoryview(mmap.mmap(-1, _SIZE * _BYTES)).cast("Q")

    def of(self, *names: str) -> int:
        """Return a number that is another one after any of these names was changed."""
        return sum([self._marks[_place(name)] for name in names])

    def change(self, name: str) -> None:
        """Change the mark of this name, after what it stands for."""
        self._marks[_place(name)] += 1


def _place(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogatepass")) % _SIZE
