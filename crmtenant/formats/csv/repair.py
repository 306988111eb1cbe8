"""Repair rows with more cells than the header, written by programs that do not quote delimiters in values.

`7,Kiwi, Ltd.,Ian Dee,...` has one cell too many. It is repaired only when there is exactly one way to put
telephone numbers, postal codes, countries and the like back under their headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from crmtenant.formats.contact_paths import Target
from crmtenant.text.countries import country_code

MOST_SURPLUS = 4

_EMPTY = frozenset({"", "null", "n/a", "#n/a", "(null)", "\\n"})
_PHONE = re.compile(r"[+(]?[0-9][0-9 ().,/+\-x#]{2,40}", re.IGNORECASE)
_POSTAL_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 \-]{1,11}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DAY = re.compile(r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}(?:[T ].*)?")
_LINK = re.compile(r"(?:https?://|www\.)\S+|.*#.*#.*|[\w\-]+(?:\.[\w\-]+)+(?:/\S*)?", re.IGNORECASE)

Check = Callable[[str], object]
_CHECKS: dict[tuple[str, str], Check] = {
    ("phones", "value"): _PHONE.fullmatch,
    ("emails", "value"): _EMAIL.fullmatch,
    ("urls", "value"): _LINK.fullmatch,
    ("addresses", "postal_code"): _POSTAL_CODE.fullmatch,
    ("addresses", "country"): country_code,
    ("birthday", ""): _DAY.fullmatch,
}


class Repair:
    """Repairs rows that have too many cells for these columns."""

    def __init__(self, columns: Sequence[Target], delimiter: str) -> None:
        self._width = len(columns)
        self._delimiter = delimiter
        self._checks = {
            index: check
            for index, column in enumerate(columns)
            if (check := _CHECKS.get((column.field, column.part))) is not None
        }

    def repaired(self, cells: list[str]) -> list[str] | None:
        """Return the row with the right number of cells, or None if it can be read in several ways."""
        surplus = len(cells) - self._width
        if not any(cells[self._width :]):
            return cells[: self._width]
        if surplus > MOST_SURPLUS:
            return None
        spaced = [index for index, cell in enumerate(cells) if index and cell.startswith(" ")]
        # `Kiwi, Ltd.`: prose has a space after its commas, a delimiter has none.
        if len(spaced) == surplus:
            row = self._joined(cells, spaced)
            return row if self._fits(row) else None
        if surplus > 1 or not self._checks:
            return None
        joints = self._fitting_joints(cells)
        return self._joined(cells, joints) if len(joints) == 1 else None

    def _fitting_joints(self, cells: list[str]) -> list[int]:
        """Return the cells of which each could be joined to its left neighbour, so that the row fits its columns.

        What is left of a joint stays in its column, and what is right of it moves by one.
        """
        unfit_where_it_is = [index for index in self._checks if not self._suits(index, cells[index])]
        unfit_moved = [index for index in self._checks if not self._suits(index, cells[index + 1])]
        first, last = min(unfit_where_it_is, default=self._width), max(unfit_moved, default=-1)
        # The joined cell stands in the column before the joint: those before it stay, those after it move.
        return [
            column + 1
            for column in range(max(0, last), min(self._width - 1, first) + 1)
            if self._suits(column, cells[column] + self._delimiter + cells[column + 1])
        ]

    def _joined(self, cells: list[str], joints: Sequence[int]) -> list[str]:
        """Return the cells, each of those at the joints joined to its left neighbour."""
        row: list[str] = []
        for index, cell in enumerate(cells):
            if index in joints:
                row[-1] += self._delimiter + cell
            else:
                row.append(cell)
        return row

    def _fits(self, row: list[str]) -> bool:
        return all(self._suits(index, row[index]) for index in self._checks)

    def _suits(self, column: int, cell: str) -> bool:
        """Return whether the cell may be in this column."""
        check, text = self._checks.get(column), cell.strip()
        return check is None or text.lower() in _EMPTY or bool(check(text))
