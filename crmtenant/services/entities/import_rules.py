"""What the rows of an imported company must keep to, beyond what their tables refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crmtenant.errors import FieldError


class ImportRules:
    """The rules of one noun in one import. `others` are those of every noun, by name.

    `learn` sees every row of the export before the first one is checked.
    """

    def __init__(self, others: Mapping[str, ImportRules]) -> None:
        self.others = others
        #: the ids of rows in the trash
        self.deleted: set[int] = set()

    def learn(self, row_id: int, row: Mapping[str, Any]) -> None:
        """Remember what other rows are checked against. The row itself is not checked yet."""
        if row.get("deleted_at") is not None:
            self.deleted.add(row_id)

    def related(self, row: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 (for those who override it)
        """Return what the draft needs to know of other rows, as arguments of its `columns`."""
        return {}

    def misfits(self, values: Mapping[str, Any]) -> Iterable[FieldError]:  # noqa: ARG002
        """Return what is wrong with references to rows that exist."""
        return ()

    def cycles(self, values: Mapping[str, Any]) -> Iterable[FieldError]:  # noqa: ARG002
        """Return an error where the row is, at whatever distance, below itself."""
        return ()
