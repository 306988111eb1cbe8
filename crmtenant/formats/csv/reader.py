"""Read contacts from CSV files as other programs write them, and as we do; row by row, never the whole file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from itertools import chain, islice
from typing import BinaryIO

from crmtenant.errors import TooLarge
from crmtenant.formats.contact_builder import ContactBuilder
from crmtenant.formats.csv.columns import (
    Columns,
    Mapped,
    check_paths,
    columns_of,
    is_numbered,
    no_header,
    numbered_columns,
    recognised,
)
from crmtenant.formats.csv.repair import Repair
from crmtenant.formats.encoding import decoded, lines_of
from crmtenant.formats.parsed_contact import ParsedContact, invalid

LONGEST_CELL = 131_072
MOST_COLUMNS = 500
DELIMITERS = ",;\t|"

_PREAMBLE = 25
_SAMPLE_LINES = 200
_EMPTY_VALUES = frozenset({"NULL", "null", "(null)", "N/A", "n/a", "#N/A", "\\N"})
_DEFUSED = re.compile(r"'+[=+\-@\t\r\n]")
# No file contains this, since U+FDD0 is not a character in Unicode. An unclosed quote swallows it.
_SENTINEL = "\ufdd0"


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a row, or the code and detail of why there are none. Rows are numbered from 1."""

    number: int
    cells: list[str]
    field_error: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose layout is known. Each call for contacts or cells reads it from the start."""

    columns: Columns
    row_count: int
    _text: TextIOWrapper
    _delimiter: str
    _header: int

    def contacts(self, region: str | None) -> Iterator[ParsedContact]:
        """Yield a contact for each row, lazily."""
        repair = Repair(self.columns.targets, self._delimiter)
        for row in self._rows():
            yield _parsed(row, self.columns, repair, region)

    def cells(self) -> Iterator[list[str]]:
        """Yield the cells of each row that can be read, lazily."""
        return (row.cells for row in self._rows() if not row.field_error)

    def _rows(self) -> Iterator[_Row]:
        rows = _from_start(self._text, self._delimiter)
        return (row for row in rows if row.number > self._header and _is_not_blank(row))


def read_csv(
    file: BinaryIO,
    *,
    max_rows: int,
    charset: str | None = None,
    mapping: Mapped | None = None,
    region: str | None = None,
) -> Iterator[ParsedContact]:
    """Yield a contact for each row of a CSV file, lazily; an invalid one for a row that cannot be read.

    Delimiter, encoding and header row are detected, unless declared by `charset` and `mapping` (column name,
    or number for files without a header, to field path).

    Raises, before the first contact:
        Invalid: the file cannot be read at all.
        TooLarge: there are more than `max_rows` rows.
    """
    return open_csv(file, max_rows=max_rows, charset=charset, mapping=mapping).contacts(region)


def open_csv(
    file: BinaryIO, *, max_rows: int, charset: str | None = None, mapping: Mapped | None = None
) -> CsvFile:
    """Detect the layout of the file and count its rows. Errors as in `read_csv`."""
    mapping = mapping or {}
    check_paths(mapping)
    return decoded(file, charset, partial(_examined, mapping=mapping, max_rows=max_rows))


def _examined(text: TextIOWrapper, mapping: Mapped, max_rows: int) -> CsvFile:
    """Detect the layout at the start of the file, then read all of it once to count its rows."""
    delimiter, header = _layout(list(islice(lines_of(text), _SAMPLE_LINES)), mapping)
    head, count = _counted(_from_start(text, delimiter), header)
    if count > max_rows:  # checked now, not after thousands of rows have been written in vain
        raise TooLarge(f"A file may have at most {max_rows} rows; this one has {count}.")
    columns = numbered_columns(mapping, len(head)) if header is None else columns_of(head, mapping)
    return CsvFile(columns, count, text, delimiter, header or 0)


def restored(cell: str) -> str:
    """Return the cell without the apostrophe that `writer.harmless` put in front: `'=1+1` is `=1+1`."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def _layout(sample: Sequence[str], mapping: Mapped) -> tuple[str, int | None]:
    """Return the delimiter and the number of the header row: the pair that gives the most known column names.

    Programs put titles, dates and `sep=;` before the header. None stands for a file without a header, whose
    columns are mapped by number.
    """
    if is_numbered(mapping):
        first = next((line for line in sample if line.strip()), "")
        return max(DELIMITERS, key=first.count), None
    best = max(_candidates(sample, mapping), default=(0, 0, 0))
    known, position, minus_number = best
    if not known:
        rows = [row.cells for row in islice(_rows(iter(sample), ","), _PREAMBLE)]
        raise no_header(rows)
    return DELIMITERS[-position], -minus_number


def _candidates(sample: Sequence[str], mapping: Mapped) -> Iterator[tuple[int, int, int]]:
    for position, delimiter in enumerate(DELIMITERS):
        for row in islice(_rows(iter(sample), delimiter), _PREAMBLE):
            if 0 < len(row.cells) <= MOST_COLUMNS:
                yield recognised(row.cells, mapping), -position, -row.number


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[_Row]:
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
            yield _Row(number, [], ("cell_too_long", f"A cell has more than {LONGEST_CELL} characters."))
            if reader.line_num - before > 1:
                yield _Row(number, [], _UNCLOSED)
                return
            continue
        if cells and cells[-1].endswith(_SENTINEL):
            if cells != [_SENTINEL]:
                yield _Row(number, [], _UNCLOSED)
            return
        yield _Row(number, cells)


_UNCLOSED = ("unclosed_quote", "A quotation mark in this row is never closed; nothing after it was read.")


def _from_start(text: TextIOWrapper, delimiter: str) -> Iterator[_Row]:
    text.seek(0)
    return _rows(lines_of(text), delimiter)


def _counted(rows: Iterator[_Row], header: int | None) -> tuple[list[str], int]:
    """Return the cells of the header row (without a header: of the first row that has any) and the row count."""
    head: list[str] = []
    count = 0
    for row in rows:
        if not head and header in (None, row.number):
            head = row.cells
        count += row.number > (header or 0) and _is_not_blank(row)
    return head, count


def _is_not_blank(row: _Row) -> bool:
    return row.field_error is not None or any(cell.strip() for cell in row.cells)


def _parsed(row: _Row, columns: Columns, repair: Repair, region: str | None) -> ParsedContact:
    if row.field_error:
        return invalid(row.number, *row.field_error)
    if any("\0" in cell for cell in row.cells):
        return invalid(row.number, "nul_character", "A cell contains a NUL character.")
    cells: list[str] | None = row.cells
    if len(row.cells) > len(columns.names):
        cells = repair.repaired(row.cells)
    if cells is None:
        detail = f"The row has {len(row.cells)} cells, the header {len(columns.names)}: quotation marks are missing."
        return invalid(row.number, "too_many_cells", detail)
    return _filled(row.number, cells, columns, region)


def _filled(number: int, cells: list[str], columns: Columns, region: str | None) -> ParsedContact:
    builder = ContactBuilder(number, region, is_literal=columns.is_literal)
    for cell, target, name in zip(cells, columns.targets, columns.names, strict=False):
        value = restored(cell) if columns.is_literal else restored(cell.strip()).strip()
        if value and target.field and (columns.is_literal or value not in _EMPTY_VALUES):
            builder.put(target, value, name)
    return builder.build()
