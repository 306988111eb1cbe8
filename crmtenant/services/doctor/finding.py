"""The result of a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["problem", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem: what it means for people, and how to repair it.

    `about` is a company's slug, a server's name, or opaque; `fix` repairs the problem without destroying data.
    """

    check: str
    about: str
    severity: Severity
    meaning: str
    repair: str
    fix: Callable[[], object] | None = field(default=None, repr=False, compare=False)
