"""How long the reading of a file may take, and that it ends when nobody waits for it any more.

The file and its rows are handed through here on their way to the parsers, which so give account before each block and
each row. It is a last resort: the parsers have limits of their own, and take time in proportion to what they read.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TypeVar

from crmtenant.errors import TooLarge, Unavailable

SECONDS = 5.0
"""Of processor time, for any file."""
SECONDS_PER_BYTE = 1e-6
SECONDS_PER_ROW = 0.004
_BLOCK = 1 << 16

T = TypeVar("T")


class Effort:
    """What one request may spend on a file of `size` bytes, in the thread that made this."""

    def __init__(
        self,
        size: int,
        has_left: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._has_left = has_left
        self._clock = clock
        self._ends_at = clock() + SECONDS + size * SECONDS_PER_BYTE

    def check(self) -> None:
        """Go on, if that is still wanted.

        Raises:
            TooLarge: it has taken too much processor time.
            Unavailable: the client has left.
        """
        if self._clock() > self._ends_at:
            raise TooLarge("Reading this file takes too long; it is not an ordinary one.", code="too_costly")
        if self._has_left():
            raise Unavailable("The client left before this was done.", code="client_left")

    def file(self, file: BinaryIO) -> BinaryIO:
        """Return the file, checked before each block that is read of it."""
        return io.BufferedReader(_Checked(file, self.check), _BLOCK)

    def rows(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield the rows, checked before each; what is done with a row counts, and each may take some time."""
        for row in rows:
            self._ends_at += SECONDS_PER_ROW
            self.check()
            yield row


class _Checked(io.RawIOBase):
    """A file that is checked whenever it is read. Closing it leaves the file itself open."""

    def __init__(self, file: BinaryIO, check: Callable[[], None]) -> None:
        self._file = file
        self._check = check

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        self._check()
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)
