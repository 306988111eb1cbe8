"""What one request does to many rows: a batch, which can be undone as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from crmtenant.services.entities.written import CHANGED, CREATED, MOVED, REMOVED, RESTORED

if TYPE_CHECKING:
    from crmtenant.services.entities.written import Written

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
        for change in changes:
            is_own = self.noun in (COMPANY, change.entity.name)
            counts[counted_as(change.verb) if is_own else "along"] += change.verb != MOVED
            audiences.add(change.audience)
        summary = {name: counts[name] for name in (CREATED, CHANGED, REMOVED, RESTORED, "along")}
        audience = audiences.pop() if len(audiences) == 1 else None
        told = {**summary, "title": self.title, "audience": audience}
        return {
            "batch_id": self.id,
            "kind": self.kind,
            "by": self.by,
            "noun": self.noun,
            "summary": orjson.dumps(told).decode(),
        }


def counted_as(verb: str) -> str:
    """Return the verb that every noun has for it."""
    return verb if verb in (CREATED, REMOVED, RESTORED) else CHANGED
