"""For whom and for what a change of a row counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class About:
    """The columns by which the log finds a row's changes.

    `contacts` hold an id or ids of contacts (`id` is the row's own), `project` that of a project. `subject` are the
    columns of the noun and the id of what the row is on. `private` are the columns of who made the row and of whether it
    is shared: what is not is their own, and so are its changes. `derived` are fields that follow from others, by
    themselves; the log does not tell them.
    """

    contacts: tuple[str, ...] = ()
    project: str | None = None
    subject: tuple[str, str] | None = None
    private: tuple[str, str] | None = None
    derived: frozenset[str] = frozenset()

    @property
    def columns(self) -> frozenset[str]:
        """All of the columns that have to be known of a row."""
        project = [self.project] if self.project else []
        return frozenset((*self.contacts, *project, *(self.subject or ()), *(self.private or ())))

    def contacts_of(self, row: Any) -> tuple[int, ...]:
        """Return the ids of the contacts the row is about, in their order."""
        ids = set[int]()
        for name in self.contacts:
            found = getattr(row, name)
            ids.update(found if isinstance(found, list) else () if found is None else (found,))
        return tuple(sorted(ids))

    def project_of(self, row: Any) -> int | None:
        """Return the id of the project the row is about."""
        name = self.project
        if self.subject is not None and getattr(row, self.subject[0]) == "project":
            name = self.subject[1]
        found: int | None = getattr(row, name) if name else None
        return found

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
