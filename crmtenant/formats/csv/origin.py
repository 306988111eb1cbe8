"""Which cell of a row a value of the contact comes from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from crmtenant.formats.csv.columns import Columns
from crmtenant.formats.parsed_contact import Origin


def origin_of(columns: Columns, cells: Sequence[str]) -> Origin:
    """Return what finds the column and the whole cell of a value by its JSON pointer."""
    return partial(_origin, columns, cells)


def _origin(columns: Columns, cells: Sequence[str], pointer: str, value: str) -> tuple[str | None, str]:
    steps = pointer.split("/")[1:]
    field, part = (steps or [""])[0], steps[2] if len(steps) > 2 else ""
    filled = [
        (name, cell.strip())
        for name, target, cell in zip(columns.names, columns.targets, cells, strict=False)
        if cell.strip() and target.field == field and target.part == part
    ]
    exact = [entry for entry in filled if value in entry[1]]
    return next(iter([*exact, *filled]), (None, value))
