"""For whom and for what a change of a row counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class About:
    """The columns by which the log finds a row's changes.

    `contacts` hold ids of contacts (`id` is the row's own), `project` that of a project. `private` are the columns of who
    made the row and of whether it is shared: what is not is their own, and so are its changes.
    """

    contacts: tuple[str, ...] = ()
    project: str | None = None
    private: tuple[str, str] | None = None

    @property
    def columns(self) -> frozenset[str]:
        """All of these columns."""
        return frozenset((*self.contacts, *(self.private or ()), *([self.project] if self.project else ())))

    def audience_of(self, row: Any) -> str | None:
        """Return who alone may know of the row; None: everybody in the company."""
        if self.private is None:
            return None
        maker, shared = self.private
        found: str | None = None if getattr(row, shared) else getattr(row, maker)
        return found

    def told(self, fields: Mapping[str, tuple[Any, Any]]) -> Mapping[str, tuple[Any, Any]]:
        """Return the changes that the audience may know: of what was somebody's own until now, only that it is shared."""
        if self.private is None or fields.get(self.private[1], (True, True))[0]:
            return fields
        return {self.private[1]: fields[self.private[1]]}


NOTHING = About()
