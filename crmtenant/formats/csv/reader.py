"""Read contacts from CSV files as other programs write them, and as we do; row by row, never the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO

from crmtenant.errors import TooLarge
from crmtenant.formats.contact_builder import ContactBuilder
from crmtenant.formats.contact_paths import paths_of
from crmtenant.formats.csv.cells import plain, restored
from crmtenant.formats.csv.columns import Columns, Mapped, check_paths, columns_of, numbered_columns
from crmtenant.formats.csv.date_order import DateOrders
from crmtenant.formats.csv.layout import SAMPLE_LINES, Layout, layout_of
from crmtenant.formats.csv.origin import origin_of
from crmtenant.formats.csv.repair import Repair
from crmtenant.formats.csv.rows import Row, rows_of
from crmtenant.formats.dates import day_of, has_no_year
from crmtenant.formats.encoding import Text, decoded, lines_of
from crmtenant.formats.likeliest import Encoding
from crmtenant.formats.parsed_contact import Oddity, ParsedContact, invalid
from crmtenant.formats.stray_bytes import UNREADABLE, has_stray, western

FREE_BLANK_ROWS = 1000
"""So many more rows than contacts are allowed may be empty."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose layout is known. Each call for contacts or cells reads it from the start."""

    columns: Columns
    layout: Layout
    row_count: int
    _text: Text
    _orders: DateOrders

    @property
    def encoding(self) -> Encoding:
        """The encoding it is read in."""
        return self._text.source

    def contacts(self, region: str | None) -> Iterator[ParsedContact]:
        """Yield a contact for each row, lazily."""
        reading = _Reading(self, region)
        for row in self._rows():
            yield reading.parsed(row)

    def cells(self) -> Iterator[list[str]]:
        """Yield the cells of each row that can be read, lazily."""
        return (list(map(western, row.cells)) for row in self._rows() if not row.field_error)

    def original_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number and the cells of each row that is a contact, lazily."""
        return ((row.number, list(map(western, row.cells))) for row in self._rows())

    def is_month_first(self, index: int) -> bool | None:
        """Return whether the month comes first in the dates of a column, None if that depends on the region."""
        return self._orders.is_month_first(index)

    def _rows(self) -> Iterator[Row]:
        header = self.layout.header or 0
        rows = _from_start(self._text, self.layout.delimiter)
        return (row for row in rows if row.number > header and not row.is_blank)


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
    file: BinaryIO,
    *,
    max_rows: int,
    charset: str | None = None,
    mapping: Mapped | None = None,
    may_assume_header: bool = False,
) -> CsvFile:
    """Detect the layout of the file and count its rows. Errors as in `read_csv`.

    Where no column name is known and none is mapped, the first row is the header only if that may be assumed.
    """
    mapping = mapping or {}
    check_paths(mapping)
    may_assume = may_assume_header or bool(mapping)
    return decoded(
        file, charset, partial(_examined, mapping=mapping, max_rows=max_rows, may_assume=may_assume)
    )


def _examined(text: Text, mapping: Mapped, max_rows: int, *, may_assume: bool) -> CsvFile:
    """Detect the layout at the start of the file, then read all of it once to count its rows."""
    sample = [western(line) for line in islice(lines_of(text), SAMPLE_LINES)]
    layout = layout_of(sample, mapping, may_assume=may_assume)
    rows = _from_start(text, layout.delimiter)
    columns, orders, count = _surveyed(rows, layout, mapping, max_rows)
    return CsvFile(columns, layout, count, text, orders)


def _from_start(text: Text, delimiter: str) -> Iterator[Row]:
    text.seek(0)
    return rows_of(lines_of(text), delimiter)


def _surveyed(
    rows: Iterator[Row], layout: Layout, mapping: Mapped, max_rows: int
) -> tuple[Columns, DateOrders, int]:
    """Return the columns, the order of their dates, and how many rows are contacts.

    That there are too many is found now, not after thousands of rows have been written in vain.
    """
    head = next((row for row in rows if layout.header in {None, row.number} and row.cells), Row(0, []))
    names = [western(cell) for cell in head.cells]
    columns = numbered_columns(mapping, len(names)) if layout.header is None else columns_of(names, mapping)
    orders = DateOrders(columns.targets)
    count = int(layout.header is None and not head.is_blank)
    if count:
        orders.look(head.cells)
    blank = 0
    for row in rows:
        if row.is_blank:
            blank += 1
        else:
            count += 1
            orders.look(row.cells)
        if max(count, blank - FREE_BLANK_ROWS) > max_rows:
            raise _too_many_rows(count, max_rows)
    return columns, orders, count


def _too_many_rows(count: int, max_rows: int) -> TooLarge:
    if count > max_rows:
        return TooLarge(f"A file may have at most {max_rows} rows; this one has {count} or more.")
    return TooLarge("Nearly all rows of the file are empty; delete them.", code="empty_lines")


class _Reading:
    """Makes contacts of the rows of one file."""

    def __init__(self, file: CsvFile, region: str | None) -> None:
        self._file = file
        self._columns = file.columns
        self._region = region
        self._repair = Repair(file.columns.targets, file.layout.delimiter)
        self._is_suspect = file.encoding.errors != "strict"
        self._paths = paths_of(file.columns.targets)

    def parsed(self, row: Row) -> ParsedContact:
        """Return the contact of the row, or an invalid one."""
        if row.field_error:
            return invalid(row.number, *row.field_error)
        if any("\0" in cell for cell in row.cells):
            return invalid(row.number, "nul_character", "A cell contains a NUL character.")
        cells: list[str] | None = row.cells
        if len(row.cells) > len(self._columns.names):
            cells = self._repair.repaired(row.cells)
        if cells is None:
            detail = (
                f"The row has {len(row.cells)} cells, the header {len(self._columns.names)}: "
                "quotation marks are missing."
            )
            return invalid(row.number, "too_many_cells", detail)
        return self._filled(row.number, cells)

    def _filled(self, number: int, cells: list[str]) -> ParsedContact:
        columns = self._columns
        builder = ContactBuilder(number, self._region, is_literal=columns.is_literal)
        if self._is_suspect:
            cells = self._told(cells, builder)
        for index, (cell, target) in enumerate(zip(cells, columns.targets, strict=False)):
            if not cell:
                continue
            value = restored(cell) if columns.is_literal else plain(cell)
            if target.field == "birthday":
                value = self._in_order(value, index)
            if value and target.field:
                builder.put(target, value, columns.names[index])
        parsed = builder.build()
        parsed.origin = origin_of(columns, cells)
        return parsed

    def _in_order(self, value: str, index: int) -> str:
        """Return a date whose order the column shows, in ISO 8601; any other as it is."""
        is_month_first = self._file.is_month_first(index)
        if is_month_first is None or has_no_year(value):
            return value
        return day_of(value, is_month_first=is_month_first) or value

    def _told(self, cells: list[str], builder: ContactBuilder) -> list[str]:
        """Return the cells with their stray bytes read, having told of each."""
        read = [western(cell) for cell in cells]
        for index, (before, cell) in enumerate(zip(cells, read, strict=True)):
            is_guessed = self._file.encoding.is_told_by_row and has_stray(before)
            if is_guessed or UNREADABLE in cell:
                pointer = f"/{self._paths[index] or ''}".rstrip("/")
                builder.tell(Oddity(pointer, *_guess(cell), self._columns.names[index], cell.strip()))
        return read


def _guess(cell: str) -> tuple[str, str]:
    if UNREADABLE in cell:
        return "unreadable_character", "Some bytes of this are no character."
    return "guessed_character", "Some bytes of this are not UTF-8; they were read as Windows-1252."
