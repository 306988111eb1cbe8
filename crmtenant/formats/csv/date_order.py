"""Which comes first in the dates of a column, the day or the month: one order for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from crmtenant.formats.contact_paths import Target
from crmtenant.formats.dates import order_shown


class DateOrders:
    """Looks at the dates of a file's columns, row by row; the more there are of one order, the surer."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._balance = {index: 0 for index, target in enumerate(targets) if target.field == "birthday"}

    def look(self, cells: Sequence[str]) -> None:
        """Take account of a row: 04/13 shows that the month comes first."""
        for index in self._balance:
            shown = order_shown(cells[index]) if index < len(cells) else None
            if shown is not None:
                self._balance[index] += 1 if shown else -1

    def is_month_first(self, index: int) -> bool | None:
        """Return whether the month comes first in the column, None if no date of it shows that."""
        balance = self._balance.get(index, 0)
        return balance > 0 if balance else None
