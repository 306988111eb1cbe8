"""Tables in which the rows of a noun remember something: no client reads or writes them, exports take them along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crmtenant.errors import FieldError


def accept(values: Any) -> FieldError | None:  # noqa: ARG001 (for those that have a rule)
    """Return no error."""
    return None


@dataclass(frozen=True, slots=True)
class Memory:
    """One such table. Its columns are ids of rows, named by foreign keys, and texts; `error_of` returns what else is
    wrong with a row of an export, or None."""

    model: Any
    error_of: Callable[[Any], FieldError | None] = accept

    @property
    def table(self) -> Any:
        """The table."""
        return self.model.__table__
