"""The header that names a batch: what a request did to many rows, and what can be undone."""

from __future__ import annotations

HEADER = "Batch"


def named(batch_id: int | None) -> list[tuple[str, str]]:
    """Return the header that names this batch; no header where there is none."""
    return [] if batch_id is None else [(HEADER, str(batch_id))]
