"""One thing to write into the demo company."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crmtenant.demo.people import FOUNDER


@dataclass(frozen=True, slots=True)
class DemoItem:
    """One item to write: its key, its JSON, which of its fields refer to which keys, and who writes it."""

    key: str
    data: dict[str, Any]
    refs: dict[str, str | list[str]] = field(default_factory=dict)
    by: str = FOUNDER
