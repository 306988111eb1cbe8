"""What serving processes tell each other: a table in memory that they share because one forked them all."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

_CLIENTS, _ACCEPTED, _DATABASE = range(3)
_COLUMNS = 3
_BYTES = 8
_ABSENT = -1


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """How many connections a process has: from clients, and to PostgreSQL."""

    number: int
    clients: int
    database: int


class ProcessTable:
    """A row for each process, which it alone writes while it runs. Nobody waits for anybody here."""

    def __init__(self, count: int) -> None:
        self._rows = range(0, count * _COLUMNS, _COLUMNS)
        self._cells = memoryview(mmap.mmap(-1, count * _COLUMNS * _BYTES)).cast("q")
        for number in range(count):
            self.remove(number)

    def write(self, number: int, clients: int, database: int) -> None:
        """Set the figures of the process with this number."""
        row = self._rows[number]
        self._cells[row + _CLIENTS], self._cells[row + _DATABASE] = clients, database

    def count_accepted(self, number: int) -> None:
        """Count a connection that this process has accepted."""
        self._cells[self._rows[number] + _ACCEPTED] += 1

    def remove(self, number: int) -> None:
        """Forget the process with this number, which serves nobody any more."""
        self.write(number, _ABSENT, _ABSENT)

    def fewest_clients(self) -> int:
        """Return how many clients the process has that has fewest; 0 without any."""
        counts = [self._cells[row + _CLIENTS] for row in self._rows]
        return min((count for count in counts if count != _ABSENT), default=0)

    def accepted(self) -> int:
        """Return how many connections all processes have accepted so far."""
        return sum([self._cells[row + _ACCEPTED] for row in self._rows])

    def figures(self) -> Iterator[ProcessFigures]:
        """Yield the figures of every process that serves."""
        for number, row in enumerate(self._rows):
            clients = self._cells[row + _CLIENTS]
            if clients != _ABSENT:
                yield ProcessFigures(number, clients, self._cells[row + _DATABASE])
