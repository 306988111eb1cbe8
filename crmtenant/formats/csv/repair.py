"""Repair rows with more cells than the header, written by programs that do not quote delimiters in values.

`7,Kiwi, Ltd.,Ian Dee,...` has one cell too many. It is repaired only when there is exactly one way to put
telephone numbers, postal codes, countries and the like back under their headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

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
        self._checks = [
            (index, check)
            for index, column in enumerate(columns)
            if (check := _CHECKS.get((column.field, column.part))) is not None
        ]

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
        fitting = [row for row in self._readings(cells, surplus) if self._fits(row)]
        return fitting[0] if len(fitting) == 1 else None

    def _readings(self, cells: list[str], surplus: int) -> Iterator[list[str]]:
        for joints in combinations(range(1, len(cells)), surplus):
            yield self._joined(cells, joints)

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
        return all(
            row[index].strip().lower() in _EMPTY or check(row[index].strip()) for index, check in self._checks
        )
