"""Rows of a CSV file, one at a time, numbered as in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

LONGEST_CELL = 131_072
MOST_CELLS = 16_384
"""Of one row; a spreadsheet cannot have more."""

# No file contains this, since U+FDD0 is not a character in Unicode. An unclosed quote swallows it.
_SENTINEL = "\ufdd0"
_UNCLOSED = ("unclosed_quote", "A quotation mark in this row is never closed; nothing after it was read.")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, or the code and detail of why there are none. Rows are numbered from 1."""

    number: int
    cells: list[str]
    field_error: tuple[str, str] | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the row has nothing at all, not even an error."""
        return self.field_error is None and not any(cell.strip() for cell in self.cells)


def rows_of(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    """Yield every row, blank ones too. Nothing after a quote that is never closed can be read."""
    reader = csv.reader(chain(lines, [_SENTINEL]), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(number, [], ("cell_too_long", f"A cell has more than {LONGEST_CELL} characters."))
            if reader.line_num - before > 1:
                yield Row(number, [], _UNCLOSED)
                return
            continue
        if cells and cells[-1].endswith(_SENTINEL):
            if cells != [_SENTINEL]:
                yield Row(number, [], _UNCLOSED)
            return
        if len(cells) > MOST_CELLS:
            yield Row(number, [], ("too_many_cells", f"The row has more than {MOST_CELLS} cells."))
        else:
            yield Row(number, cells)
