"""What one request does to many rows: a batch, which can be undone as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from crmtenant.services.changes.written import CHANGED, CREATED, MOVED, REMOVED, RESTORED

if TYPE_CHECKING:
    from crmtenant.services.changes.written import Written

BULK, IMPORTED, TRASHED, UNDONE = "bulk", "import", "trash", "undo"
COMPANY = "company"
"""The noun of a batch of all nouns."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is being written. `noun` is what it was asked for; what went along is counted apart."""

    id: int
    kind: str
    by: str
    noun: str
    title: str | None = None

    def as_values(self, changes: Iterable[Written]) -> dict[str, Any]:
        """Return the values of its row, which sums these changes up."""
        counts, audiences = Counter[str](), set[str | None]()
        first: dict[str, Written] = {}
        for change in changes:
            is_own = self.noun in (COMPANY, change.entity.name)
            counted = counted_as(change.verb) if is_own else "along"
            counts[counted] += change.verb != MOVED
            audiences.add(change.audience)
            if counted not in first and (self.noun != COMPANY or change.entity.is_in_activity):
                first[counted] = change
        own = {name: counts[name] for name in (CREATED, CHANGED, REMOVED, RESTORED)}
        most = max(own, key=own.__getitem__)
        told = {
            **own,
            "along": counts["along"],
            "title": self.title,
            "audience": audiences.pop() if len(audiences) == 1 else None,
            "first": _one_of(first.get(most), most, sum(own.values())),
        }
        return {
            "batch_id": self.id,
            "kind": self.kind,
            "by": self.by,
            "noun": self.noun,
            "summary": orjson.dumps(told).decode(),
        }


def _one_of(change: Written | None, verb: str, count: int) -> dict[str, Any] | None:
    """Return the row that stands for all of the batch where it is one line."""
    if change is None:
        return None
    return {"noun": change.entity.name, "id": change.row_id, "verb": verb, "count": count}


def counted_as(verb: str) -> str:
    """Return the verb that every noun has for it."""
    return verb if verb in (CREATED, REMOVED, RESTORED) else CHANGED
