"""Checks of the space that is left on a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmtenant.services.doctor.finding import Finding
from crmtenant.services.fleet.server_space import read_space

if TYPE_CHECKING:
    from crmtenant.services.operations import Operations


def space_findings(operations: Operations) -> Iterator[Finding]:
    """Say which servers are full, and of which that cannot be known."""
    for space in read_space(operations.catalog):
        if space.is_full:
            free = (space.free_bytes or 0) / 10**6
            yield Finding(
                "space",
                space.name,
                "problem",
                f"It is full: {free:,.0f} MB are free. Its companies can read, export and delete, not write.",
                "Give it a larger disk, or move companies away: `crmtenant server drain NAME --move`.",
            )
        elif space.free_bytes is None:
            yield Finding(
                "space",
                space.name,
                "note",
                "Nobody knows how much it can hold, so a full disk stops it instead of its writes.",
                "`crmtenant server set NAME --capacity 200GB`.",
            )
