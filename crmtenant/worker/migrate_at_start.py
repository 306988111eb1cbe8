"""Migrating at start, where one process serves and nobody wants to give commands: development."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.platform import Platform


def catch_up(platform: Platform) -> None:
    """Nothing comes back; every company that could be is at this release's schema, the others are told."""
    behind = platform.operations.fleet.behind()
    if not behind:
        return
    sys.stderr.write(f"Bringing {len(behind)} companies' databases up to date ...\n")
    try:
        report = platform.operations.fleet.migrate(behind)
    except Unavailable:
        sys.stderr.write("Another process is at it already.\n")
        return
    for result in report.failed:
        sys.stderr.write(f"{result.company.slug} {result.problem}; it is not served until it is migrated.\n")
