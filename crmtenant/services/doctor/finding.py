"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["problem", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: what it means for people, and how it is repaired. `about` is a company's
    slug, or opaque; `fix` repairs it without destroying data."""

    check: str
    about: str
    severity: Severity
    meaning: str
    repair: str
    fix: Callable[[], object] | None = field(default=None, repr=False, compare=False)
