"""What an operator takes a backup on, beyond what it proves itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trust:
    """Foreign: a backup without this installation's seal. Failed: one that could not be restored when it was proven."""

    is_foreign: bool = False
    is_failed: bool = False


STRICT = Trust()
