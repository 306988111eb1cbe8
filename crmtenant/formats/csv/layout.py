"""Find out how a CSV file is laid out: its delimiter, and which row names its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crmtenant.formats.csv.columns import Mapped, Wanted, is_numbered, no_header, recognised
from crmtenant.formats.csv.rows import Row, rows_of

DELIMITERS = ",;\t|"
MOST_COLUMNS = 500
SAMPLE_LINES = 200

_PREAMBLE = 25


@dataclass(frozen=True, slots=True)
class Layout:
    """`header` is the number of the row that names the columns; None where they are mapped by number.

    `is_assumed` marks a header of which no name is known: the first row that looks like the others.
    """

    delimiter: str
    header: int | None
    is_assumed: bool = False


def layout_of(sample: Sequence[str], mapping: Mapped, *, may_assume: bool) -> Layout:
    """Return the layout of a file that begins with these lines: the one that gives the most known column names.

    Programs put titles, dates and `sep=;` before the header.

    Raises:
        Invalid: no row has known column names, and it must not be assumed which one is the header.
    """
    if is_numbered(mapping):
        first = next((line for line in sample if line.strip()), "")
        return Layout(max(DELIMITERS, key=first.count), None)
    known, position, minus_number = max(_candidates(sample, mapping), default=(0, 0, 0))
    if known:
        return Layout(DELIMITERS[-position], -minus_number)
    assumed = _assumed(sample) if may_assume else None
    if assumed is None:
        raise no_header([row.cells for row in _first_rows(sample, ",")])
    return assumed


def _candidates(sample: Sequence[str], mapping: Mapped) -> Iterator[tuple[int, int, int]]:
    wanted = Wanted(mapping)
    for position, delimiter in enumerate(DELIMITERS):
        for row in _first_rows(sample, delimiter):
            if 0 < len(row.cells) <= MOST_COLUMNS:
                yield recognised(row.cells, wanted), -position, -row.number


def _assumed(sample: Sequence[str]) -> Layout | None:
    """Return the layout in which most rows have the same number of columns, and the first of those rows."""
    best: tuple[int, int, Layout] | None = None
    for delimiter in DELIMITERS:
        rows = [row for row in rows_of(iter(sample), delimiter) if row.cells and not row.is_blank]
        widths = Counter(len(row.cells) for row in rows if len(row.cells) <= MOST_COLUMNS)
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda entry: (entry[0] > 1, entry[1], entry[0]))
        header = next(row.number for row in rows if len(row.cells) == width)
        rank = times if width > 1 else 0
        if best is None or (rank, width) > best[:2]:
            best = rank, width, Layout(delimiter, header, is_assumed=True)
    return best[2] if best else None


def _first_rows(sample: Sequence[str], delimiter: str) -> Iterator[Row]:
    return islice(rows_of(iter(sample), delimiter), _PREAMBLE)
